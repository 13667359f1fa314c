// The official schemas of the SAT as an oracle: Xerces' validator over a locked pool of grammars that were read once.
// Never follows a document's own hints; opens no connection.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace puente::sat {

// A folder of schemas with the enumerations of the SAT's lists taken out (cfd/catalogos: catCFDI, catCartaPorte,
// catComExt), made in a temporary folder that goes with this object. In the place of a list stands minLength 1: no list
// has an empty code. The closed lists that a schema writes itself (Sí and No, Entrada and Salida, UUID types) stay:
// they are structure.
class SchemasWithoutLists {
 public:
  explicit SchemasWithoutLists(const std::filesystem::path& official);
  ~SchemasWithoutLists();
  SchemasWithoutLists(const SchemasWithoutLists&) = delete;
  SchemasWithoutLists& operator=(const SchemasWithoutLists&) = delete;
  const std::filesystem::path& folder() const { return folder_; }
  std::size_t enumerations() const { return enumerations_; }  // that were taken out

 private:
  std::filesystem::path folder_;
  std::size_t enumerations_ = 0;
};

class OfficialSchemas {
 public:
  // Throws std::runtime_error with the parser's words where a schema of the folder cannot be read.
  explicit OfficialSchemas(const std::filesystem::path& folder);
  ~OfficialSchemas();

  // A value that is not in the enumeration of its attribute's type. Xerces says which value of which element, not which
  // attribute.
  struct Refused {
    std::size_t element;  // in the order of the start tags, from 0
    std::string value;    // its white space collapsed
    auto operator<=>(const Refused&) const = default;
  };
  struct Verdict {
    bool well_formed = true;  // as far as it was read
    bool valid = true;
    std::vector<Refused> codes;
    std::string complaint;  // the first of another kind, else the first
    bool only_codes = true;
  };
  // Reads on after a code that is not in its enumeration; ends at the first complaint of another kind, since Xerces
  // calls documents malformed that are not once it has met what is not declared.
  Verdict judge(const std::string& text);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

// The values of a simple type of the catalogs' schemas, in their order.
std::vector<std::string> enumeration_of(const std::filesystem::path& official, const std::string& type);

}  // namespace puente::sat
