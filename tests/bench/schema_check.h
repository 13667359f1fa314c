// What a program does with a document that knows nothing but the official schemas: parse it and validate it with
// libxml2 (schemas compiled once), take both certificates apart and verify both signatures with OpenSSL. The cadena
// original comes from the SAT's style sheet where PUENTE_SAT_STYLESHEETS names a folder with it, else it is handed over
// for nothing. No catalogs beyond the schemas' enumerations, no rules, no places.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace puente::bench {

class SchemaCheck {
 public:
  // Null where there are no schemas.
  static std::unique_ptr<SchemaCheck> create();
  ~SchemaCheck();
  // Whether the document is valid and both signatures are good.
  bool run(std::string_view bytes, std::string_view stamping_certificate_der, std::string_view cadena,
           std::string_view cadena_timbre);
  std::string description() const;

 private:
  struct Compiled;
  explicit SchemaCheck(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace puente::bench
