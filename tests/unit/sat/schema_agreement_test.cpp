// Our verdicts against the official schemas', on every sample and on seeded mutations of all kinds.
//
// Structure is compared with the schemas without the lists of the SAT (SchemasWithoutLists): pass there is pass here.
//
// Codes are compared with the schemas as they are, attribute by attribute, in the documents whose structure both find
// sound: there the schemas can only refuse a value for its enumeration. A code counts as refused by us when the finding
// at its attribute is SAT_CODE_UNKNOWN or SAT_CODE_NOT_IN_FORCE. Other findings are rules of the authority, which no
// schema knows: they count for nothing here, but where the list's key is a code and a place (c_Estado, c_Municipio,
// c_Localidad, c_Colonia). Those are never looked up by the code alone; there a finding at the attribute, or at the
// country beside it, is our refusal. What differs on purpose stands in kExceptions, each with its reason and with what
// must be true of the code in the SAT's own CSV; a row that nothing needs fails too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "mappings/domain/csv.h"
#include "mappings/domain/date.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/value_check.h"
#include "tests/unit/sat/mutations.h"
#include "tests/unit/sat/official_schemas.h"
#include "tests/unit/sat/reference_lists.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

constexpr std::size_t kRuns = 36'000;
constexpr std::size_t kCodeWeight = 5;  // of that many kinds one is a code, beside the others
const std::filesystem::path kXsd = kReference / "sat/xsd";
const std::filesystem::path kOurs = PUENTE_SOURCE_DIR "/deploy/samples";

enum class Code { accepted, warned, unknown, out_of_force, elsewhere };  // what we say of it
constexpr std::string_view kCodeNames[] = {"accepted", "warned", "unknown", "out of force", "refused by a rule"};

enum class InCsv { no, yes, not_on_the_day, whatever };  // where the code stands in the list that we load

struct Exception {
  std::string_view list;  // "*": any
  Code ours;
  bool schema_accepts;
  InCsv in_csv;
  std::string_view reason;
};
constexpr std::string_view kNoRow =
    "the enumeration keeps keys for which the SAT's published list has no row; the list decides";
constexpr std::string_view kUnproven =
    "the published list lacks keys that the schema has: what is in neither is a warning too, since the next may be";
constexpr std::string_view kOfItsPlace = "the code is one of another place: the rules ask for one of this";
constexpr Exception kExceptions[] = {
    {"*", Code::out_of_force, true, InCsv::not_on_the_day, "an enumeration has no dates; the list has"},
    {"c_ConfigAutotransporte", Code::unknown, true, InCsv::no, kNoRow},  // OTROEV, OTROEGP
    {"c_CveTransporte", Code::unknown, true, InCsv::no, kNoRow},         // 05
    {"c_Estaciones", Code::unknown, true, InCsv::no, kNoRow},            // 3,167 stations
    {"c_FraccionArancelaria", Code::unknown, true, InCsv::no, kNoRow},   // of 8 digits, and expired
    {"c_INCOTERM", Code::unknown, true, InCsv::no, kNoRow},              // DAF, DAT, DES, DEQ, DDU
    {"c_SubTipoRem", Code::unknown, true, InCsv::no, kNoRow},            // one
    {"c_MaterialPeligroso", Code::accepted, false, InCsv::yes, "the schema has 119 where the list has 0119"},
    {"c_MaterialPeligroso", Code::warned, false, InCsv::no, kUnproven},
    {"c_NumAutorizacionNaviero", Code::warned, false, InCsv::no, kUnproven},
    {"c_ClaveProdServCP", Code::accepted, false, InCsv::yes,
     "one key that the SAT's table has and its schema of 3.1 not"},
    {"c_FraccionArancelaria", Code::warned, false, InCsv::no,
     "in a Carta Porte a key that is not listed is a warning of ours (GW10): the list at hand is the one in force, the "
     "schema's is older and larger"},
    {"c_Colonia", Code::elsewhere, true, InCsv::whatever, kOfItsPlace},
    {"c_Estado", Code::elsewhere, true, InCsv::whatever, kOfItsPlace},
    {"c_Localidad", Code::elsewhere, true, InCsv::whatever, kOfItsPlace},
    {"c_Municipio", Code::elsewhere, true, InCsv::whatever, kOfItsPlace},
};

// The lists of the SAT, and of each the codes to write into documents.
struct Lists {
  struct Codes {
    std::vector<std::string> any, expired;  // of the list and of the schema
    std::set<std::string, std::less<>> schema;
    std::multimap<std::string, std::pair<std::string, std::string>, std::less<>> csv;  // from, to; "" for open

    // `day` as YYYY-MM-DD.
    bool stands(std::string_view code, InCsv where, const std::string& day) const {
      const auto [begin, end] = csv.equal_range(code);
      switch (where) {
        case InCsv::no:
          return begin == end;
        case InCsv::yes:
          return begin != end;
        case InCsv::not_on_the_day:
          return begin != end && std::none_of(begin, end, [&](const auto& row) {
                   const auto& [from, to] = row.second;
                   return from <= day && (to.empty() || day <= to);
                 });
        case InCsv::whatever:
          break;
      }
      return true;
    }
  };
  std::shared_ptr<const catalogs::SatLists> all;
  std::map<std::string, Codes, std::less<>> codes;
};

Lists load_lists() {
  Lists lists;
  lists.all = reference_lists();
  for (const catalogs::SatListKind& kind : catalogs::sat_list_kinds()) {
    const std::string csv = reference_csv(kind.name);
    auto& codes = lists.codes[std::string(kind.name)];
    codes.any = enumeration_of(kXsd, std::string(kind.name));
    codes.schema = {codes.any.begin(), codes.any.end()};
    std::vector<std::string> header;
    const auto read = read_csv(csv, kind.name, [&](std::size_t, std::span<const std::string> cells) -> Result<void> {
      if (header.empty()) {
        header.assign(cells.begin(), cells.end());
        return {};
      }
      const auto cell = [&](std::string_view name) {
        const auto at = std::ranges::find(header, name);
        return at == header.end() ? std::string() : cells[static_cast<std::size_t>(at - header.begin())];
      };
      const std::string code = cell(kind.by_code_alone() ? kind.key[0] : kind.key[kind.key_size() - 1]);
      codes.any.push_back(code);
      codes.csv.emplace(code, std::pair(cell("vigencia_desde"), cell("vigencia_hasta")));
      if (!cell("vigencia_hasta").empty()) codes.expired.push_back(code);
      return {};
    });
    EXPECT_TRUE(read);
  }
  return lists;
}

// Which list an attribute has, by the local name of its element. Where two tables differ, one of them.
using Listed = std::map<std::pair<std::string_view, std::string_view>, std::string_view>;
void gather(const ElementRow& row, Listed& listed) {
  for (const AttributeRow& attribute : row.attributes)
    if (!attribute.type.catalog.empty()) listed[{row.name, attribute.name}] = attribute.type.catalog;
  for (const ChildRow& child : row.children) gather(*child.element, listed);
}

const std::string& one_of(const std::vector<std::string>& values, std::mt19937& random) {
  return values[random() % values.size()];
}

CodeFor codes_of(const Lists& lists) {
  Listed listed;
  gather(comprobante_row(), listed);
  return [&lists, listed](std::string_view element, std::string_view attribute, std::string_view old,
                          std::mt19937& random) -> std::optional<std::string> {
    const auto list = listed.find({element, attribute});
    if (list == listed.end()) return std::nullopt;
    const Lists::Codes& codes = lists.codes.find(list->second)->second;
    std::string code = one_of(codes.any, random);
    switch (random() % 8) {
      case 0:
      case 1:
      case 2:
        return code;
      case 3:
        if (codes.expired.empty()) return std::nullopt;
        return one_of(codes.expired, random);
      case 4:
        return one_of(std::next(lists.codes.begin(), static_cast<long>(random() % lists.codes.size()))->second.any,
                      random);
      case 5:
        std::ranges::transform(code, code.begin(), [](unsigned char c) { return std::tolower(c); });
        return code;
      case 6:
        return "0" + std::string(old);
      default:
        return ' ' + code + "  ";
    }
  };
}

// A document with every element of the tables, or a choice of them, whose values its types allow.
class WholeDocument {
 public:
  WholeDocument(const ElementRow* complement, const Lists& lists, std::mt19937& random)
      : complement_(complement), lists_(lists), random_(random) {}

  std::string write(bool everything) {
    everything_ = everything;
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    element(comprobante_row(), true);
    return text_;
  }

 private:
  bool chosen() { return everything_ || random_() % 2 == 0; }

  std::string value(const ValueType& type) {
    static const std::string kTried[] = {"1.00",
                                         "1",
                                         "0",
                                         "2026",
                                         "10",
                                         "100",
                                         "0.160000",
                                         "2026-03-02",
                                         "2026-03-02T10:00:00",
                                         "EKU9003173C9",
                                         "XEXX010101000",
                                         "URE180429TM6",
                                         "a1b2c3d4-0000-1111-2222-333344445555",
                                         "CCCBCD94-870A-4332-A52A-A52AA52AA52A",
                                         "24  48  3005  4000001",
                                         "30001000000500003456",
                                         "12345",
                                         "1234",
                                         "12345678",
                                         "1234567890",
                                         "ABCD123456HDFRRL09",
                                         "BADD110313HCMLNS09",
                                         "OR000001",
                                         "DE000001",
                                         "ABC1234",
                                         "IMO1234567",
                                         "10/20/30cm",
                                         "60%/Al",
                                         "c2VsbG8=",
                                         "AB12CD",
                                         "12345678901",
                                         "123456",
                                         "1234567",
                                         "AAA010101AAA",
                                         "123456789012345",
                                         "12345678901234567890",
                                         "AAAA-1234",
                                         "ABC-1234-AB"};
    if (!type.fixed.empty()) return std::string(type.fixed);
    if (!type.values.empty()) return std::string(type.values[random_() % type.values.size()]);
    if (!type.catalog.empty()) return one_of(lists_.codes.find(type.catalog)->second.any, random_);
    for (const std::string& tried : kTried)
      if (!check_value(type, tried, tried)) return tried;
    return std::string(std::max<std::size_t>(type.least_characters, 1), 'x');
  }

  void element(const ElementRow& row, bool root) {
    const std::string name = std::string(row.space->prefix) + ':' + std::string(row.name);
    text_ += '<' + name;
    if (root || row.space != last_)
      text_ += " xmlns:" + std::string(row.space->prefix) + "=\"" + std::string(row.space->uri) + '"';
    const Namespace* const outer = last_;
    last_ = row.space;
    for (const AttributeRow& attribute : row.attributes)
      if (attribute.use == Use::required || chosen())
        text_ += ' ' + std::string(attribute.name) + "=\"" + value(attribute.type) + '"';
    text_ += '>';
    for (const ChildRow& child : row.children) {
      const ElementRow& below = *child.element;
      if (below.content == Content::concept_complements || below.content == Content::ignored) continue;
      if (row.content == Content::complements ? &below != complement_ : child.least == 0 && !chosen()) continue;
      const auto times = std::max(child.least, child.most > 1 && everything_ ? 2u : 1u);
      for (std::uint32_t i = 0; i < times; ++i) element(below, false);
    }
    text_ += "</" + name + '>';
    last_ = outer;
  }

  const ElementRow* complement_;
  const Lists& lists_;
  std::mt19937& random_;
  bool everything_ = true;
  const Namespace* last_ = nullptr;
  std::string text_;
};

class Comparison {
 public:
  explicit Comparison(const Lists& lists)
      : lists_(lists), without_lists_(kXsd), structure_(without_lists_.folder()), full_(kXsd) {
    context_.lists = lists.all;
  }

  std::size_t enumerations() const { return without_lists_.enumerations(); }
  bool structure_valid(const std::string& text) { return structure_.judge(text).valid; }

  // Says whether the schemas found the structure sound.
  bool compare(const std::string& name, const std::string& text) {
    const auto outcome = read(name, text, context_);
    const auto structure = structure_.judge(without_addenda(text));
    if (outcome.stages.xml == Stage::fail || !structure.well_formed) {
      EXPECT_TRUE(outcome.stages.xml == Stage::fail && !structure.valid) << name << "\n"
                                                                         << structure.complaint << "\n"
                                                                         << codes(outcome.findings) << text;
      ++malformed;
      return false;
    }
    if (outcome.stages.structure == Stage::unknown) {
      // A complement that Puente does not read, and for which the schemas at hand have no declaration: their wildcards
      // are strict.
      EXPECT_FALSE(structure.valid) << name;
      ++unread;
      return false;
    }
    EXPECT_EQ(outcome.stages.structure == Stage::pass, structure.valid)
        << name << "\nschemas: " << (structure.valid ? "valid" : structure.complaint) << "\n"
        << codes(outcome.findings) << text;
    if (outcome.stages.structure == Stage::pass && structure.valid) compare_codes(name, text, outcome);
    return structure.valid;
  }

  std::size_t malformed = 0, unread = 0, compared = 0, agreed_refusals = 0;
  std::map<const Exception*, std::size_t> used;
  std::map<std::tuple<std::string, std::string, bool>, std::pair<std::size_t, std::string>> unexplained;

  // Every code that the schema or the SAT's CSV has, of the lists that are looked up by the code alone and that the
  // schema enumerates. `day` as YYYY-MM-DD.
  void compare_lists(const std::string& day) {
    day_ = day;
    for (const auto& [name, codes] : lists_.codes) {
      const catalogs::SatList& list = *lists_.all->list(name);
      if (codes.schema.empty() || !list.kind().by_code_alone()) continue;
      std::set all(codes.any.begin(), codes.any.end());
      all.insert("of no list");
      for (const std::string& code : all) {
        const auto standing = list.find({code}, *parse_date(day)).standing();
        const bool unproven = list.kind().absence == catalogs::Absence::unproven;
        const Code said = standing == catalogs::Standing::in_force ? Code::accepted
                          : standing == catalogs::Standing::absent ? (unproven ? Code::warned : Code::unknown)
                                                                   : (unproven ? Code::accepted : Code::out_of_force);
        judge(name, code, said, codes.schema.contains(code), "the list");
      }
    }
  }

 private:
  void judge(std::string_view list, std::string_view code, Code said, bool accepted, const std::string& where) {
    const bool ours_accepts = said == Code::accepted || said == Code::warned;
    ++compared;
    if (ours_accepts == accepted) {
      agreed_refusals += accepted ? 0 : 1;
      return;
    }
    for (const Exception& exception : kExceptions) {
      if (exception.list != list && exception.list != "*") continue;
      if (exception.ours != said || exception.schema_accepts != accepted) continue;
      if (!lists_.codes.find(list)->second.stands(code, exception.in_csv, day_)) continue;
      ++used[&exception];
      return;
    }
    auto& seen = unexplained[{std::string(list), std::string(kCodeNames[static_cast<std::size_t>(said)]), accepted}];
    if (seen.first++ < 5) seen.second += " '" + std::string(code) + "' in " + where;
  }

  void compare_codes(const std::string& name, const std::string& text, const ReadOutcome& outcome) {
    const auto verdict = full_.judge(without_addenda(text));
    EXPECT_TRUE(verdict.only_codes) << name << "\n" << verdict.complaint;
    const std::set refused(verdict.codes.begin(), verdict.codes.end());
    std::map<std::string, Code> ours;  // by path
    for (const auto& finding : outcome.findings) {
      const std::string_view code = finding.code();
      const Code said = code == "SAT_CODE_UNKNOWN"        ? Code::unknown
                        : code == "SAT_CODE_NOT_IN_FORCE" ? Code::out_of_force
                        : code.starts_with("SAT_CODE_")   ? Code::warned
                                                          : Code::elsewhere;
      const auto [place, first] = ours.emplace(finding.source().path(), said);
      if (!first && said != Code::elsewhere) place->second = said;
    }
    day_ = outcome.document->comprobante().attribute_or("Fecha").substr(0, 10);
    std::size_t element = 0;
    walk(outcome.document->comprobante(), element, refused, ours, name);
    EXPECT_EQ(outcome.findings.left_out(), 0u) << name;
  }

  void walk(const Node& node, std::size_t& element, const std::set<OfficialSchemas::Refused>& refused,
            const std::map<std::string, Code>& ours, const std::string& name) {
    const std::size_t self = element++;
    std::map<std::string_view, int> times;
    if (!refused.empty()) node.for_each_attribute([&](std::size_t, std::string_view value) { ++times[value]; });
    node.for_each_attribute([&](std::size_t row, std::string_view value) {
      const AttributeRow& attribute = node.row().attributes[row];
      if (attribute.type.catalog.empty()) return;
      bool accepted = !refused.contains({self, std::string(value)});
      // Two attributes of one tag with the value: the schema's text says whose it is.
      if (!accepted && times[value] > 1)
        accepted = lists_.codes.find(attribute.type.catalog)->second.schema.contains(value);
      if (ours.empty() && accepted) return;
      const auto said_at = [&](std::string_view at) {
        const auto found = ours.find(node.path() + "/@" + std::string(at));
        return found == ours.end() ? Code::accepted : found->second;
      };
      Code said = said_at(attribute.name);
      const auto index = catalogs::sat_list_index(attribute.type.catalog);
      const bool alone = catalogs::sat_list_kinds()[*index].by_code_alone();
      if (said == Code::elsewhere && alone) said = Code::accepted;
      if (!alone && !accepted && said_at("Pais") != Code::accepted) said = Code::elsewhere;
      judge(attribute.type.catalog, value, said, accepted, name + " " + node.path());
    });
    for (const Node* child : node.children()) walk(*child, element, refused, ours, name);
  }

  const Lists& lists_;
  SchemasWithoutLists without_lists_;
  OfficialSchemas structure_, full_;
  ReadContext context_;
  std::string day_;  // of the document
};

TEST(Schemas_SamplesAndMutations, AgreeInStructureAndCodes) {
  if (!std::filesystem::exists(kSamples) || !std::filesystem::exists(kXsd)) GTEST_SKIP() << "no samples, no schemas";
  const Lists lists = load_lists();
  Comparison comparison(lists);
  EXPECT_GT(comparison.enumerations(), 90'000u);

  std::vector<std::pair<std::string, std::string>> bases;  // structurally sound: what is worth breaking
  std::size_t samples = 0;
  for (const auto& folder : {kSamples, kOurs}) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".xml") paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const auto& path : paths) {
      const std::string text = read_file(path);
      ++samples;
      if (comparison.compare(path.filename(), text)) bases.emplace_back(path.filename(), without_addenda(text));
    }
  }
  comparison.compare_lists("2026-03-02");
  EXPECT_GT(comparison.compared, 80'000u);

  std::mt19937 random(20261123);
  std::size_t made = 0, made_sound = 0;
  for (const ElementRow* complement : {&carta_porte_row(), &comercio_exterior_row(), &timbre_row()}) {
    for (int i = 0; i < 6; ++i) {
      const std::string name = "every-" + std::string(complement->name) + std::to_string(i);
      const std::string text = WholeDocument(complement, lists, random).write(i == 0);
      ++made;
      if (!comparison.compare(name, text)) continue;
      bases.emplace_back(name, text);
      ++made_sound;
    }
  }
  EXPECT_EQ(made_sound, made) << "documents made from the tables are not sound";

  const CodeFor code_for = codes_of(lists);
  struct Tally {
    std::size_t documents = 0, sound = 0;
  };
  std::map<Mutation, Tally> tallies;
  for (std::size_t i = 0; i < kRuns; ++i) {
    const auto& [name, base] = bases[i % bases.size()];
    const std::size_t turn = i / bases.size();
    const Mutation kind = turn % kCodeWeight == 0 ? Mutation::code : kMutations[turn % std::size(kMutations)];
    std::optional<std::string> text;
    while (!text) text = mutate(base, kind, random, code_for);
    if (i % 4 == 3) {  // and another, of whatever kind
      if (auto twice = mutate(*text, kMutations[random() % std::size(kMutations)], random, code_for)) text = twice;
    }
    Tally& tally = tallies[kind];
    ++tally.documents;
    if (comparison.compare(name + " " + std::string(mutation_name(kind)) + " " + std::to_string(i), *text))
      ++tally.sound;
    if (HasNonfatalFailure()) break;  // one is enough to read
  }
  std::printf("%zu samples, %zu documents made of the tables, %zu mutations of %zu of them\n", samples, made, kRuns,
              bases.size());
  std::printf("not XML %zu, with a complement that is not read %zu; of %zu codes %zu refused by both\n",
              comparison.malformed, comparison.unread, comparison.compared, comparison.agreed_refusals);
  for (const Mutation kind : kMutations) {
    const Tally& tally = tallies[kind];
    std::printf("  %-12s %5zu, structure sound %5zu\n", std::string(mutation_name(kind)).c_str(), tally.documents,
                tally.sound);
    EXPECT_GT(tally.documents, 1'000u) << mutation_name(kind);
    EXPECT_LT(tally.sound, tally.documents) << mutation_name(kind);
  }
  EXPECT_GT(comparison.agreed_refusals, 1'000u);
  for (const Exception& exception : kExceptions) {
    std::printf("  %s, ours: %s: %zu\n", std::string(exception.list).c_str(),
                std::string(kCodeNames[static_cast<std::size_t>(exception.ours)]).c_str(), comparison.used[&exception]);
    EXPECT_GT(comparison.used[&exception], 0u) << exception.list << ": an exception that nothing needs";
  }
  for (const auto& [what, seen] : comparison.unexplained)
    ADD_FAILURE() << std::get<0>(what) << ": ours: " << std::get<1>(what) << ", the schema "
                  << (std::get<2>(what) ? "accepts" : "refuses") << ", " << seen.first << " times:" << seen.second;
}

}  // namespace
}  // namespace puente::sat
