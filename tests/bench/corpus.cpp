#include "tests/bench/corpus.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include "mappings/sat/read.h"
#include "tests/support/sealing.h"

namespace puente::bench {
namespace {

constexpr std::size_t kIssuers = 5;
constexpr std::size_t kSmallest = 6'000, kLargest = 40'000;
constexpr std::string_view kFolioFiscal = "4C1D7E90-2B6F-4A35-8E11-90AB34CD56EF";

enum class Kind { export_invoice, carta_porte };

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "corpus: %s\n", what.c_str());
  std::abort();
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string sample(const std::string& name) {
  return read_file(std::filesystem::path(PUENTE_SOURCE_DIR) / "tests" / "support" / "samples" / name);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

void set_attribute(std::string& text, std::string_view element, std::string_view name, const std::string& value) {
  const auto tag = text.find("<" + std::string(element) + " ");
  const auto at = tag == std::string::npos ? tag : text.find(" " + std::string(name) + "=\"", tag);
  if (at == std::string::npos) fail("no " + std::string(element) + "/@" + std::string(name));
  const auto begin = text.find('"', at) + 1;
  text.replace(begin, text.find('"', begin) - begin, value);
}

// From the first `begin` to the last `end`, both included.
struct Block {
  std::size_t at = 0, length = 0;
};
Block block(const std::string& text, std::string_view begin, std::string_view end) {
  const auto at = text.find(begin);
  const auto last = text.rfind(end);
  if (at == std::string::npos || last == std::string::npos) fail("no block " + std::string(begin));
  return {at, last + end.size() - at};
}

std::string decimals(std::int64_t value, int digits) {
  std::int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string fraction = std::to_string(value % unit);
  return std::to_string(value / unit) + "." + std::string(static_cast<std::size_t>(digits) - fraction.size(), '0') +
         fraction;
}

std::string part_number(std::size_t i) { return "PSU-" + std::to_string(100 + i) + "R"; }

// `goods` lines of one price, with their customs lines; every total follows.
std::string invoice(std::size_t goods) {
  auto text = sample("factura-electronics.xml");
  std::string conceptos, mercancias;
  for (std::size_t i = 0; i < goods; ++i) {
    const auto number = part_number(i);
    conceptos +=
        (i == 0 ? "" : "\n    ") +
        ("<cfdi:Concepto ClaveProdServ=\"39121004\" NoIdentificacion=\"" + number +
         "\" Cantidad=\"2000\" ClaveUnidad=\"H87\" Unidad=\"Pieza\" Descripcion=\"Fuente de poder conmutada " +
         std::to_string(100 + i) +
         " W para gabinete, versión de línea\" ValorUnitario=\"420.00\" Importe=\"840000.00\" ObjetoImp=\"02\">\n"
         "      <cfdi:Impuestos>\n        <cfdi:Traslados>\n          <cfdi:Traslado Base=\"840000.00\" "
         "Impuesto=\"002\" TipoFactor=\"Tasa\" TasaOCuota=\"0.000000\" Importe=\"0.00\"/>\n"
         "        </cfdi:Traslados>\n      </cfdi:Impuestos>\n    </cfdi:Concepto>");
    mercancias += (i == 0 ? "" : "\n        ") + ("<cce20:Mercancia NoIdentificacion=\"" + number +
                                                  "\" FraccionArancelaria=\"8504409900\" CantidadAduana=\"2000.000\" "
                                                  "UnidadAduana=\"06\" ValorUnitarioAduana=\"22.762745\" "
                                                  "ValorDolares=\"45525.49\"/>");
  }
  auto where = block(text, "<cfdi:Concepto ", "</cfdi:Concepto>");
  text.replace(where.at, where.length, conceptos);
  where = block(text, "<cce20:Mercancia ", "ValorDolares=\"40647.77\"/>");
  text.replace(where.at, where.length, mercancias);
  const auto total = decimals(static_cast<std::int64_t>(goods) * 84'000'000, 2);
  set_attribute(text, "cfdi:Comprobante", "SubTotal", total);
  set_attribute(text, "cfdi:Comprobante", "Total", total);
  replace_all(text, "Base=\"1590000.00\"", "Base=\"" + total + "\"");
  set_attribute(text, "cce20:ComercioExterior", "TotalUSD", decimals(static_cast<std::int64_t>(goods) * 4'552'549, 2));
  return text;
}

// `more` stands at the end of every description.
std::string waybill(std::size_t goods, const std::string& more = "") {
  auto text = sample("carta-porte-electronics.xml");
  std::string mercancias;
  for (std::size_t i = 0; i < goods; ++i)
    mercancias += (i == 0 ? "" : "\n        ") +
                  ("<cartaporte31:Mercancia BienesTransp=\"39121004\" Descripcion=\"Fuente de poder conmutada " +
                   std::to_string(100 + i) + " W para gabinete" + more +
                   "\" Cantidad=\"200\" ClaveUnidad=\"XCT\" PesoEnKg=\"2060.000\" "
                   "ValorMercancia=\"840000.00\" Moneda=\"MXN\" FraccionArancelaria=\"8504409900\" UUIDComercioExt=\"" +
                   std::string(kFolioFiscal) +
                   "\" TipoMateria=\"03\">\n          <cartaporte31:DocumentacionAduanera TipoDocumento=\"19\" "
                   "IdentDocAduanero=\"AVC-26-40-002214\"/>\n        </cartaporte31:Mercancia>");
  const auto where = block(text, "<cartaporte31:Mercancia ", "</cartaporte31:Mercancia>");
  text.replace(where.at, where.length, mercancias);
  set_attribute(text, "cartaporte31:Mercancias", "PesoBrutoTotal",
                decimals(static_cast<std::int64_t>(goods) * 2'060'000, 3));
  set_attribute(text, "cartaporte31:Mercancias", "NumTotalMercancias", std::to_string(goods));
  return text;
}

std::string on_one_line(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    out += text[at];
    if (text[at] != '>') continue;
    const auto next = text.find_first_not_of(" \n", at + 1);
    if (next != std::string::npos && text[next] == '<') at = next - 1;
  }
  return out;
}

std::string make(Kind kind, std::size_t goods) { return kind == Kind::carta_porte ? waybill(goods) : invoice(goods); }

std::string folio_fiscal(std::size_t n) {
  char text[48];
  std::snprintf(text, sizeof text, "4C1D7E90-2B6F-4A35-8E12-%012zX", n);
  return text;
}

// Of that issuer, as large as fits `bytes` once sealed and stamped, which adds about 3.3 KB.
std::string unsealed(Kind kind, std::size_t bytes, std::size_t issuer, bool one_line) {
  constexpr std::size_t kSeals = 3'300;
  std::string best;
  for (std::size_t goods = 1; goods <= 200; ++goods) {
    auto text = make(kind, goods);
    if (one_line) text = on_one_line(text);
    const bool too_large = text.size() + kSeals > bytes;
    if (goods == 1 || !too_large) best = std::move(text);
    if (too_large) break;
  }
  set_attribute(best, "cfdi:Emisor", "Rfc", issuer_rfc(issuer));
  return best;
}

std::string stamp_time(Kind kind) { return kind == Kind::carta_porte ? "2026-11-11T18:03:30" : "2026-11-11T10:21:03"; }

std::string folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "puente-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail("no temporary folder");
  return pattern;
}

}  // namespace

std::string issuer_rfc(std::size_t issuer) { return "EPT120315AB" + std::to_string(issuer % 10); }

test::Signer make_issuer(const test::Authority& authority, std::size_t issuer) {
  return authority.issue(
      {"0000990000080000010" + std::to_string(issuer % 10), "ELECTRONICA DEL PACIFICO TIJUANA", issuer_rfc(issuer)});
}

namespace {

// Issuers and trust of a new authority, and no document yet.
Corpus begin(const test::Authority& authority) {
  Corpus corpus;
  for (std::size_t i = 0; i < kIssuers; ++i) corpus.issuers.push_back(make_issuer(authority, i));
  corpus.stamping_certificate_der = authority.stamping().certificate_der;
  const std::filesystem::path trust = folder();
  authority.write_trust(trust);
  auto loaded = sat::TrustStore::load(sat::Environment::test, {trust});
  std::filesystem::remove_all(trust);
  if (!loaded) fail(loaded.error().text);
  corpus.trust = *loaded;
  return corpus;
}

void add(Corpus& corpus, const test::Authority& authority, const std::string& unsealed_text, std::size_t issuer,
         const std::string& time) {
  const std::size_t i = corpus.documents.size();
  auto text = test::seal(unsealed_text, corpus.issuers[issuer]);
  text = test::stamp(text, authority.stamping(), {folio_fiscal(i), time});
  const auto outcome = sat::read("corpus", text, {corpus.trust, {}});
  if (!outcome.accepted || outcome.stages.seal != sat::Stage::pass || outcome.stages.stamp != sat::Stage::pass)
    fail("document " + std::to_string(i) + " is not accepted" +
         (outcome.findings.empty() ? "" : ": " + outcome.findings.list().front().en()));
  corpus.documents.push_back(std::move(text));
}

}  // namespace

Corpus make_waybills(const std::vector<std::size_t>& goods) {
  const auto authority = test::Authority::create();
  Corpus corpus = begin(authority);
  for (const std::size_t lines : goods) {
    auto text = on_one_line(waybill(lines, std::string(98, 'n')));
    set_attribute(text, "cfdi:Emisor", "Rfc", issuer_rfc(0));
    add(corpus, authority, text, 0, stamp_time(Kind::carta_porte));
  }
  corpus.description = std::to_string(goods.size()) + " Carta Porte, the largest of " +
                       std::to_string(corpus.documents.back().size()) + " bytes";
  return corpus;
}

Corpus make_corpus(std::size_t count) {
  const auto authority = test::Authority::create();
  Corpus corpus = begin(authority);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t bytes = kSmallest + (kLargest - kSmallest) * i / std::max<std::size_t>(count - 1, 1);
    const auto kind = static_cast<Kind>(i % 2);
    const std::size_t issuer = i % kIssuers;
    add(corpus, authority, unsealed(kind, bytes, issuer, i % 4 > 1), issuer, stamp_time(kind));
  }
  std::vector<std::size_t> sizes;
  for (const auto& text : corpus.documents) sizes.push_back(text.size());
  const auto sum = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  corpus.description = std::to_string(count) + " sealed and stamped CFDI 4.0 of " + std::to_string(kIssuers) +
                       " issuers (half with Comercio Exterior, half with Carta Porte; half on one line): mean " +
                       std::to_string(sum / sizes.size()) + ", smallest " +
                       std::to_string(*std::ranges::min_element(sizes)) + ", largest " +
                       std::to_string(*std::ranges::max_element(sizes)) + " bytes";
  return corpus;
}

std::vector<std::string> make_stamped(const test::Authority& authority, const test::Signer& issuer, std::size_t bytes,
                                      std::size_t count) {
  const auto sealed = test::seal(unsealed(Kind::export_invoice, bytes, 0, true), issuer);
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < count; ++i)
    documents.push_back(
        test::stamp(sealed, authority.stamping(), {folio_fiscal(0x10000 + i), stamp_time(Kind::export_invoice)}));
  return documents;
}

}  // namespace puente::bench
