// Every row of the rule tables and every list that a row of the authority's asks for, proven from the reference: a
// document that breaks it and one beside it that does not (rule_cases.txt), each a base document with one small edit.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "mappings/catalogs/sat_lists.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/rule.h"
#include "tests/unit/sat/base_documents.h"
#include "tests/unit/sat/edited_document.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

struct Case {
  std::string line;  // as written
  std::string row, code, verdict, base, edits, place;
  std::vector<std::string> also;  // codes of what else the same edit breaks
};

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t end = text.find(mark); end != std::string::npos; end = text.find(mark, begin)) {
    out.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  out.push_back(trimmed(text.substr(begin)));
  return out;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out = split(text, ' ');
  std::erase(out, "");
  return out;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> out;
    for (const std::string& line : split(read_file(PUENTE_SOURCE_DIR "/tests/unit/sat/rule_cases.txt"), '\n')) {
      if (line.empty() || line.starts_with('#')) continue;
      auto columns = split(line, '|');
      columns.resize(4);
      auto head = words(columns[0]);
      head.resize(4);
      out.push_back({line, head[0], head[1], head[2], head[3], columns[1] == "-" ? "" : columns[1], columns[2],
                     words(columns[3])});
    }
    return out;
  }();
  return all;
}

EditedDocument base_document(std::string_view name) {
  for (const BaseDocument& base : kBaseDocuments) {
    if (base.name != name) continue;
    if (base.from.empty()) return EditedDocument(base.made);
    EditedDocument document = base_document(base.from);
    document.edit(base.made);
    return document;
  }
  throw std::logic_error("no base document " + std::string(name));
}

ReadContext with_small_lists() {
  std::vector<std::shared_ptr<const catalogs::SatList>> loaded;
  for (const SmallList& small : kSmallLists) {
    auto list = catalogs::SatList::parse(small.name, small.csv);
    if (!list) throw std::logic_error(std::string(small.name));
    loaded.push_back(*list);
  }
  ReadContext context;
  context.lists = catalogs::SatLists::with(loaded);
  return context;
}

// Findings but for those of seal and stamp: the documents are unsealed.
std::vector<Finding> judged(const ReadOutcome& outcome) {
  std::vector<Finding> out;
  for (const Finding& finding : outcome.findings) {
    const CatalogueRow* row = find_catalogue_row(finding.code());
    if (row->stage != "seal" && row->stage != "stamp") out.push_back(finding);
  }
  return out;
}

std::string listing(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings)
    out += "    " + finding.code() + " [" + finding.authority_rule() + "] " + finding.source().path() + ": " +
           finding.en() + "\n";
  return out;
}

bool is_list_code(std::string_view code) { return code.starts_with("SAT_CODE_"); }

TEST(RuleCases, BaseDocuments_ObeyEveryRule) {
  const ReadContext context = with_small_lists();
  for (const BaseDocument& base : kBaseDocuments) {
    const auto outcome = read(std::string(base.name), base_document(base.name).xml(), context);
    const auto findings = judged(outcome);
    EXPECT_TRUE(findings.empty()) << base.name << "\n" << listing(findings);
    EXPECT_EQ(outcome.stages.rules, Stage::pass) << base.name;
    EXPECT_EQ(outcome.stages.catalogs, Stage::pass) << base.name;
  }
}

// fails: the finding, and its stage fails where it is an error. doubts: the finding, of a list that may be older than
// the code: the stage does not fail. passes: not that finding. Nothing else is found but what the case says.
TEST(RuleCases, Cases_GiveTheFindingOfTheirRow) {
  const ReadContext context = with_small_lists();
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.line);
    std::string xml, place;
    try {
      EditedDocument document = base_document(one.base);
      document.edit(one.edits);
      if (one.verdict != "passes") place = document.path_of(one.place);
      xml = document.xml();
    } catch (const std::logic_error& wrong) {
      ADD_FAILURE() << wrong.what();
      continue;
    }
    const auto outcome = read("case", xml, context);
    auto findings = judged(outcome);
    std::string said = listing(findings);
    if (one.verdict == "passes") {
      EXPECT_TRUE(std::ranges::none_of(findings, [&](const Finding& f) { return f.code() == one.code; })) << said;
    } else {
      const std::string authority(authority_of(one.row));
      const auto found = std::ranges::find_if(findings, [&](const Finding& finding) {
        return finding.code() == one.code && finding.source().path() == place && finding.authority_rule() == authority;
      });
      if (found == findings.end()) {
        ADD_FAILURE() << "no " << one.code << " at " << place << "; found:\n" << said;
        continue;
      }
      const CatalogueRow* row = find_catalogue_row(one.code);
      const Stage stage = row->stage == "catalogs" ? outcome.stages.catalogs : outcome.stages.rules;
      EXPECT_EQ(found->severity(), one.verdict == "doubts" ? Severity::SEVERITY_WARNING : row->severity) << said;
      const bool rejects = one.verdict == "fails" && row->severity == Severity::SEVERITY_ERROR;
      if (one.also.empty()) {
        EXPECT_EQ(stage, rejects ? Stage::fail : Stage::pass) << said;
      }
      findings.erase(found);
    }
    std::vector<std::string> rest;
    for (const Finding& finding : findings) rest.push_back(finding.code());
    std::vector<std::string> also = one.also;
    std::ranges::sort(rest);
    std::ranges::sort(also);
    EXPECT_EQ(rest, also) << said;
  }
}

struct Mixture {
  std::string_view base, edits;
  std::vector<std::pair<std::string_view, std::string_view>> expected;  // code and place
};

TEST(RuleCases, EveryDefect_IsSaidOnceAndAtOnce) {
  const ReadContext context = with_small_lists();
  const Mixture mixtures[] = {
      {"exit",
       "RegimenAduaneroCCP@RegimenAduanero=IMD; drop Ubicacion[2]@ResidenciaFiscal; drop Mercancia[2]@TipoMateria;"
       "Seguros@AseguraMedAmbiente=VERDE; Mercancias@PesoBrutoTotal=1",
       {{"REGIMEN_ADUANERO_DIRECTION", "RegimenAduaneroCCP@RegimenAduanero"},
        {"RESIDENCIA_EXTRANJERA", "Ubicacion[2]@ResidenciaFiscal"},
        {"TIPO_MATERIA_MISSING", "Mercancia[2]@TipoMateria"},
        {"POLIZA_AMBIENTAL_MISSING", "Seguros@PolizaMedAmbiente"},
        {"PESO_BRUTO_TOTAL_NOT_SUM", "Mercancias@PesoBrutoTotal"}}},
      // A structural defect in one line; rules are judged in the other lines, but not of what is above the defect.
      {"exit",
       "Mercancia[1]@Cantidad=muchas; drop Mercancia[2]@TipoMateria; Mercancia[2]@ClaveUnidad=ZZZ9;"
       "drop Ubicacion[2]@ResidenciaFiscal; Seguros@AseguraMedAmbiente=VERDE; Mercancias@PesoBrutoTotal=1",
       {{"ATTRIBUTE_NOT_A_NUMBER", "Mercancia[1]@Cantidad"},
        {"TIPO_MATERIA_MISSING", "Mercancia[2]@TipoMateria"},
        {"SAT_CODE_UNKNOWN", "Mercancia[2]@ClaveUnidad"},
        {"RESIDENCIA_EXTRANJERA", "Ubicacion[2]@ResidenciaFiscal"},
        {"POLIZA_AMBIENTAL_MISSING", "Seguros@PolizaMedAmbiente"}}},
      {"export",
       "drop ComercioExterior/Mercancia[1]@ValorDolares; ComercioExterior/Mercancia[2]@ValorUnitarioAduana=0;"
       "ComercioExterior/Mercancia[2]@ValorDolares=0; Receptor@DomicilioFiscalReceptor=66600; "
       "Concepto[2]@ClaveUnidad=ZZZ9",
       {{"ATTRIBUTE_MISSING", "ComercioExterior/Mercancia[1]@ValorDolares"},
        {"EXPORT_VALOR_UNITARIO_ZERO", "ComercioExterior/Mercancia[2]@ValorUnitarioAduana"},
        {"DOMICILIO_NOT_LUGAR", "Receptor@DomicilioFiscalReceptor"},
        {"SAT_CODE_UNKNOWN", "Concepto[2]@ClaveUnidad"}}},
      // A value that has not its form is not looked up too, nor a rule asked of it.
      {"untaxed", "@LugarExpedicion=6400", {{"ATTRIBUTE_PATTERN", "@LugarExpedicion"}}},
      {"untaxed", "Receptor@UsoCFDI=", {{"ATTRIBUTE_EMPTY", "Receptor@UsoCFDI"}}},
      {"untaxed", "Concepto@Importe=cien", {{"ATTRIBUTE_NOT_A_NUMBER", "Concepto@Importe"}}},
      {"road", "CartaPorte@EntradaSalidaMerc=", {{"ATTRIBUTE_EMPTY", "CartaPorte@EntradaSalidaMerc"}}},
      {"exit", "CartaPorte@TranspInternac=Si", {{"ATTRIBUTE_NOT_IN_LIST", "CartaPorte@TranspInternac"}}},
      // What is missing is said once.
      {"exit", "drop Ubicacion[2]@NumRegIdTrib", {{"UBICACION_NUM_REG_ID_MISSING", "Ubicacion[2]@NumRegIdTrib"}}},
      {"export", "Receptor@ResidenciaFiscal=MEX", {{"RESIDENCIA_FISCAL_MEX", "Receptor@ResidenciaFiscal"}}},
      {"hazmat",
       "drop Mercancia[1]@CveMaterialPeligroso",
       {{"HAZMAT_KEY_MISMATCH", "Mercancia[1]@CveMaterialPeligroso"}}},
      {"air", "drop Mercancia[1]@ValorMercancia", {{"VALOR_MERCANCIA_MISSING", "Mercancia[1]@ValorMercancia"}}},
      {"freight", "drop /Impuestos", {{"TOTAL_NOT_SUM", "@Total"}}},
      // Several rows are broken by one edit: each is a place of its own to mend.
      {"road",
       "drop Mercancia[2]",
       {{"NUM_TOTAL_MERCANCIAS_WRONG", "Mercancias@NumTotalMercancias"},
        {"PESO_BRUTO_TOTAL_NOT_SUM", "Mercancias@PesoBrutoTotal"}}},
      {"exit",
       "CartaPorte@TranspInternac=No",
       {{"ENTRADA_SALIDA_MISMATCH", "CartaPorte@EntradaSalidaMerc"},
        {"PAIS_ORIGEN_DESTINO_MISMATCH", "CartaPorte@PaisOrigenDestino"},
        {"VIA_ENTRADA_SALIDA_MISMATCH", "CartaPorte@ViaEntradaSalida"},
        {"REGIMENES_ADUANEROS_MISMATCH", "CartaPorte@TranspInternac"}}},
      {"exit",
       "drop Ubicacion[2]@IDUbicacion",
       {{"UBICACION_ID_MISSING", "Ubicacion[2]@IDUbicacion"},
        {"CANTIDAD_TRANSPORTA_DESTINATION", "CantidadTransporta@IDDestino"}}},
  };
  for (const Mixture& mixture : mixtures) {
    EditedDocument document = base_document(mixture.base);
    document.edit(mixture.edits);
    const auto findings = judged(read("mixture", document.xml(), context));
    std::multiset<std::string> said, expected;
    for (const Finding& finding : findings) said.insert(finding.code() + " " + finding.source().path());
    for (const auto& [code, place] : mixture.expected)
      expected.insert(std::string(code) + " " + document.path_of(place));
    EXPECT_EQ(said, expected) << mixture.base << ": " << mixture.edits << "\n" << listing(findings);
  }
}

TEST(RuleCases, RowWithDates_IsOneFromItsFirstDayToItsLast) {
  using namespace std::chrono_literals;
  constexpr auto kHolds = [](const Facts&, const Node&) -> Verdict { return true; };
  const Rule rule{"CFDI40172",       "OBJETO_IMP_TAXES",
                  From::comprobante, "Conceptos/Concepto",
                  "ObjetoImp",       kHolds,
                  Needs::document,   {2024y / 12 / 13, 2025y / 12 / 31}};
  EXPECT_FALSE(rule.in_force.covers(2024y / 12 / 12));
  EXPECT_TRUE(rule.in_force.covers(2024y / 12 / 13));
  EXPECT_TRUE(rule.in_force.covers(2025y / 12 / 31));
  EXPECT_FALSE(rule.in_force.covers(2026y / 1 / 1));
}

void collect_listed(const ElementRow& element, std::set<std::string>& rows) {
  for (const AttributeRow& attribute : element.attributes)
    if (!attribute.type.rule.empty()) rows.emplace(attribute.type.rule);
  for (const ChildRow& child : element.children) collect_listed(*child.element, rows);
}

TEST(RuleCases, EveryRow_HasACaseThatFailsAndOneThatPasses) {
  // Rows by what they say: a row of a list says some SAT_CODE.
  std::set<std::pair<std::string, std::string>> rows;
  for (const auto rules : {cfdi::v40::rules(), carta_porte::v31::rules(), comercio_exterior::v20::rules()})
    for (const Rule& rule : rules) rows.emplace(rule.row, rule.code);
  std::set<std::string> listed;
  collect_listed(comprobante_row(), listed);
  for (const std::string& row : listed) rows.emplace(row, "SAT_CODE_");

  std::set<std::pair<std::string, std::string>> failing, passing;
  for (const Case& one : cases()) {
    const std::pair<std::string, std::string> row(one.row, is_list_code(one.code) ? "SAT_CODE_" : one.code);
    EXPECT_TRUE(rows.contains(row)) << "a case of no row: " << one.line;
    EXPECT_TRUE(one.verdict == "fails" || one.verdict == "doubts" || one.verdict == "passes") << one.line;
    (one.verdict == "passes" ? passing : failing).insert(row);
  }
  for (const auto& row : rows) {
    EXPECT_TRUE(failing.contains(row)) << row.first << " " << row.second << " has no case that fails";
    EXPECT_TRUE(passing.contains(row)) << row.first << " " << row.second << " has no case that passes";
  }
}

}  // namespace
}  // namespace puente::sat
