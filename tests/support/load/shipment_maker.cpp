#include "tests/support/load/shipment_maker.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "mappings/sat/read.h"
#include "tests/support/sealing.h"

namespace puente::test {
namespace {

namespace fs = std::filesystem;
using Values = std::map<std::string, std::string, std::less<>>;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_seconds;

// What stands in a template's place for a value: letters only, so that it goes through the cadena original unchanged.
constexpr std::array<std::string_view, 14> kFields = {
    "QQFOLIO", "QQFECHA", "QQUUID",     "QQREPLACED", "QQIDCCP",  "QQINVOICEUUID", "QQIMPORTERNAME",
    "QQTAXID", "QQSELLO", "QQSELLOSAT", "QQTIMBRADO", "QQSALIDA", "QQLLEGADA",     "QQPLATE"};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  if (text.find(from) == std::string::npos) throw std::runtime_error("the template has no " + std::string(from));
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// A text with fields, cut once.
class Pattern {
 public:
  explicit Pattern(std::string_view text) {
    while (true) {
      std::size_t first = std::string_view::npos;
      std::string_view field;
      for (const auto name : kFields) {
        const auto at = text.find(name);
        // QQSELLO begins QQSELLOSAT too: the longer name wins.
        if (at < first || (at == first && at != std::string_view::npos && name.size() > field.size())) {
          first = at;
          field = name;
        }
      }
      parts_.emplace_back(text.substr(0, first), field);
      if (first == std::string_view::npos) return;
      text.remove_prefix(first + field.size());
    }
  }
  std::string with(const Values& values) const {
    std::string out;
    for (const auto& [literal, field] : parts_) {
      out += literal;
      if (!field.empty()) out += values.at(field);
    }
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> parts_;
};

std::shared_ptr<const sat::Document> parse(std::string_view text) {
  sat::ReadContext context;
  context.trust = sat::TrustStore::empty(sat::Environment::test);
  auto outcome = sat::read("template", std::string(text), context);
  if (!outcome.document) throw std::runtime_error("a template is no readable CFDI 4.0");
  return outcome.document;
}

// A CFDI whose values are still open: its text, its cadena original and its stamp's.
class OpenDocument {
 public:
  OpenDocument(std::string text, const Signer& issuer, const Signer& stamping) : issuer_(issuer), stamping_(stamping) {
    const auto root = text.find("Comprobante") + std::string_view("Comprobante").size();
    text.insert(root, " NoCertificado=\"" + issuer.serial + "\" Certificado=\"" + issuer.certificate_base64 +
                          "\" Sello=\"QQSELLO\"");
    text.insert(text.rfind("</cfdi:Complemento>"),
                "<tfd:TimbreFiscalDigital xmlns:tfd=\"http://www.sat.gob.mx/TimbreFiscalDigital\" "
                "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                "xsi:schemaLocation=\"http://www.sat.gob.mx/TimbreFiscalDigital "
                "http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd\" "
                "Version=\"1.1\" UUID=\"QQUUID\" FechaTimbrado=\"QQTIMBRADO\" RfcProvCertif=\"SPR190613I52\" "
                "SelloCFD=\"QQSELLO\" NoCertificadoSAT=\"" +
                    stamping.serial + "\" SelloSAT=\"QQSELLOSAT\"/>");
    const auto document = parse(text);
    text_ = std::make_unique<Pattern>(text);
    cadena_ = std::make_unique<Pattern>(sat::cadena_original(*document));
    timbre_ = std::make_unique<Pattern>(sat::cadena_original_timbre(*document->timbre()));
  }
  std::string with(Values values) const {
    values["QQSELLO"] = issuer_.sign(cadena_->with(values));
    values["QQSELLOSAT"] = stamping_.sign(timbre_->with(values));
    return text_->with(values);
  }

 private:
  const Signer &issuer_, &stamping_;
  std::unique_ptr<Pattern> text_, cadena_, timbre_;
};

template <typename... Parts>
std::string format(const char* pattern, Parts... parts) {
  std::array<char, 128> out{};
  const int size = std::snprintf(out.data(), out.size(), pattern, parts...);
  return {out.data(), static_cast<std::size_t>(size)};
}

std::string date_text(sys_seconds at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return format("%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
}

std::string time_text(sys_seconds at) {
  const std::chrono::hh_mm_ss time{at - std::chrono::floor<std::chrono::days>(at)};
  return date_text(at) + format("T%02d:%02d:%02d", static_cast<int>(time.hours().count()),
                                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
}

constexpr hours kTijuana{-8};

std::string carrier_rfc(std::size_t index) { return format("TOT0908%02zuK24", 10 + index); }
std::string scac(std::size_t index) {
  return format("TR%c%c", static_cast<char>('A' + index / 26), static_cast<char>('A' + index % 26));
}
std::string tax_id(std::size_t filer) { return format("95204%04zu", 4200 + filer); }
std::string importer_name(std::size_t filer) { return format("PACIFIC RIM DEVICES %02zu INC", filer + 1); }

}  // namespace

std::string carrier_name(std::size_t index) { return format("carrier-%zu", index + 1); }
std::string filer_name(std::size_t index) { return format("filer-%02zu", index + 1); }

struct ShipmentMaker::Impl {
  ShipmentPlan plan;
  fs::path source;
  Authority authority = Authority::create();
  Signer exporter;
  std::vector<Signer> carriers;
  std::unique_ptr<OpenDocument> invoice, substitute;
  std::vector<OpenDocument> waybills;
  std::string notice;

  std::string number(std::size_t index) const { return format("%03X%09zX", plan.seed, index); }
};

ShipmentMaker::ShipmentMaker(const fs::path& source, const ShipmentPlan& plan) : impl_(std::make_unique<Impl>()) {
  if (plan.carriers < 1 || plan.carriers > 18 || plan.filers < 1 || plan.filers > 99 || plan.seed > 4095)
    throw std::runtime_error("a plan has 1 to 18 carriers, 1 to 99 filers and a seed up to 4095");
  impl_->plan = plan;
  impl_->source = source;
  const auto samples = source / "tests" / "support" / "samples";
  const auto& stamping = impl_->authority.stamping();
  impl_->exporter = impl_->authority.issue(
      {.serial = "00009900000800000002", .name = "ELECTRÓNICA DEL PACÍFICO TIJUANA SA DE CV", .rfc = "EPT120315AB9"});

  std::string invoice = read_file(samples / "factura-electronics.xml");
  invoice = replaced(invoice, "Folio=\"2207\"", "Folio=\"QQFOLIO\"");
  invoice = replaced(invoice, "2026-11-11T08:20:15", "QQFECHA");
  invoice = replaced(invoice, "PACIFIC RIM DEVICES INC", "QQIMPORTERNAME");
  invoice = replaced(invoice, "952044173", "QQTAXID");
  impl_->invoice = std::make_unique<OpenDocument>(invoice, impl_->exporter, stamping);
  const std::string substitute =
      replaced(invoice, "<cfdi:Emisor ",
               "<cfdi:CfdiRelacionados TipoRelacion=\"04\"><cfdi:CfdiRelacionado UUID=\"QQREPLACED\"/>"
               "</cfdi:CfdiRelacionados>\n  <cfdi:Emisor ");
  impl_->substitute = std::make_unique<OpenDocument>(substitute, impl_->exporter, stamping);

  std::string waybill = read_file(samples / "carta-porte-electronics.xml");
  waybill = replaced(waybill, "Folio=\"5512\"", "Folio=\"QQFOLIO\"");
  waybill = replaced(waybill, "2026-11-11T16:02:44", "QQFECHA");
  waybill = replaced(waybill, "4C1D7E90-2B6F-4A35-8E11-90AB34CD56EF", "QQINVOICEUUID");
  waybill = replaced(waybill, "CCC7d3e4-51b2-4f80-9c1e-2a4b6c8d0e1f", "QQIDCCP");
  waybill = replaced(waybill, "PACIFIC RIM DEVICES INC", "QQIMPORTERNAME");
  waybill = replaced(waybill, "952044173", "QQTAXID");
  waybill = replaced(waybill, "2026-11-12T08:30:00", "QQSALIDA");
  waybill = replaced(waybill, "2026-11-12T13:00:00", "QQLLEGADA");
  impl_->carriers.reserve(plan.carriers);
  impl_->waybills.reserve(plan.carriers);
  for (std::size_t i = 0; i < plan.carriers; ++i) {
    impl_->carriers.push_back(impl_->authority.issue(
        {.serial = format("000099000008%08zu", 100 + i), .name = "TRANSPORTES OTAY SA DE CV", .rfc = carrier_rfc(i)}));
    impl_->waybills.emplace_back(replaced(waybill, "TOT090817K24", carrier_rfc(i)), impl_->carriers.back(), stamping);
  }
  impl_->notice = read_file(source / "deploy" / "samples" / "electronics" / "notice.json");
}

ShipmentMaker::~ShipmentMaker() = default;

std::vector<MadeDocument> ShipmentMaker::make(std::size_t index) const {
  const auto& plan = impl_->plan;
  const std::size_t carrier = (index + index / 40) % plan.carriers, filer = index % plan.filers;
  const std::string number = impl_->number(index);
  const std::string invoice_uuid = "4C1D7E90-2B6F-4A35-8E11-" + number;
  const std::string id_ccp = "CCC7d3e4-51b2-4f80-9c1e-" + number;
  const std::string scn = scac(carrier) + format("%01zu%07zu", plan.seed % 10, index);
  const sys_seconds issued = plan.now - hours(24) + kTijuana;  // local time
  const auto span = std::chrono::duration_cast<std::chrono::seconds>(plan.eta_last - plan.eta_first).count();
  const sys_seconds eta =
      plan.now + kTijuana + plan.eta_first +
      std::chrono::seconds(span <= 0 ? 0 : static_cast<long>(index * 7919 % static_cast<std::size_t>(span)));

  std::vector<MadeDocument> documents;
  const auto add = [&](std::string_view what, std::string_view kind, std::string content) {
    documents.push_back({scn + ":" + std::string(what), std::string(kind), carrier_name(carrier), filer_name(filer),
                         scn, std::move(content)});
  };
  Values values = {{"QQFOLIO", std::to_string(100'000 + index)},
                   {"QQFECHA", time_text(issued)},
                   {"QQUUID", invoice_uuid},
                   {"QQTIMBRADO", time_text(issued + minutes(20))},
                   {"QQIMPORTERNAME", importer_name(filer)},
                   {"QQTAXID", tax_id(filer)},
                   {"QQINVOICEUUID", invoice_uuid},
                   {"QQIDCCP", id_ccp},
                   {"QQSALIDA", time_text(eta - hours(3))},
                   {"QQLLEGADA", time_text(eta + hours(1))},
                   {"QQREPLACED", invoice_uuid}};
  add("invoice", "SAT_XML", impl_->invoice->with(values));
  values["QQUUID"] = "9A0B1C2D-3E4F-4051-8627-" + number;
  values["QQFECHA"] = time_text(issued + hours(8));
  values["QQTIMBRADO"] = time_text(issued + hours(8) + minutes(5));
  add("waybill", "SAT_XML", impl_->waybills[carrier].with(values));

  std::string notice = replaced(impl_->notice, "CCC7d3e4-51b2-4f80-9c1e-2a4b6c8d0e1f", id_ccp);
  notice = replaced(notice, "4C1D7E90-2B6F-4A35-8E11-90AB34CD56EF", invoice_uuid);
  notice = replaced(notice, "TROY30071145", scn);
  notice = replaced(notice, "\"TROY00412\"", "\"" + scac(carrier) + number + "\"");
  notice = replaced(notice, "\"carrier_scac\": \"TROY\"", "\"carrier_scac\": \"" + scac(carrier) + "\"");
  notice = replaced(notice, "2026-11-12T10:15:00-08:00", time_text(eta) + "-08:00");
  const auto sent = [&](int version) {
    return replaced(replaced(notice, "2026-11-11T18:40:00-08:00", time_text(issued + hours(9 + version)) + "-08:00"),
                    "\"TROY00412-1\"", "\"" + scn + "-" + std::to_string(version) + "\"");
  };
  add("notice", "CROSSING_NOTICE", sent(1));

  // Spread evenly, the two sorts by turns.
  const auto amended = [&](std::size_t count) {
    return static_cast<std::size_t>(static_cast<double>(count) * plan.amendments);
  };
  if (amended(index + 1) > amended(index)) {
    if (amended(index) % 2 == 0) {
      values["QQUUID"] = "5D2E8FA1-2B6F-4A35-8E11-" + number;
      values["QQFECHA"] = time_text(issued + hours(10));
      values["QQTIMBRADO"] = time_text(issued + hours(10) + minutes(5));
      add("invoice2", "SAT_XML", impl_->substitute->with(values));
      // The Carta Porte still names the first invoice: the packages can no longer be taken from it.
      add("notice2", "CROSSING_NOTICE",
          replaced(sent(2), "\"" + invoice_uuid + "\"]",
                   "\"" + values["QQUUID"] + "\"], \"packages\": [{\"count\": 300, \"unit\": \"XCT\"}]"));
    } else {
      add("notice2", "CROSSING_NOTICE", replaced(sent(2), "OTY7714420", "OTY7714421"));
    }
  }
  return documents;
}

void ShipmentMaker::write_knowledge(const fs::path& folder) const {
  const auto& plan = impl_->plan;
  impl_->authority.write_trust(folder / "trust");
  const std::string year = date_text(plan.now).substr(0, 4);
  write_file(folder / "catalog.csv",
             replaced(replaced(read_file(impl_->source / "deploy" / "samples" / "catalog.csv"), "2026-01-01,2026-12-31",
                               date_text(plan.now - hours(24 * 180)) + "," + date_text(plan.now + hours(24 * 180))),
                      "2025-12-18", date_text(plan.now - hours(24 * 190))));
  std::string brokers, importers, carriers;
  for (std::size_t i = 0; i < plan.filers; ++i) {
    brokers += "[broker." + filer_name(i) + "]\nfiler_code = \"" + format("L%02zu", i) + "\"\nname = \"LOAD BROKERS " +
               format("%02zu", i + 1) + "\"\nabi_port = \"2506\"\n\n[broker." + filer_name(i) +
               ".contact]\nname = \"LAURA MENDEZ\"\nphone = \"9565550142\"\n\n";
    importers += "[importer.importer-" + format("%02zu", i + 1) + "]\nior_number = \"" + tax_id(i).substr(0, 2) + "-" +
                 tax_id(i).substr(2) + "00\"\nname = \"" + importer_name(i) + "\"\ntax_id_mx_view = \"" + tax_id(i) +
                 "\"\nresident = true\nbond_type = \"8\"\nsurety_code = \"054\"\npayment_type = \"7\"\n"
                 "related_to_supplier = false\n\n";
  }
  for (std::size_t i = 0; i < plan.carriers; ++i)
    carriers += "[carrier." + carrier_name(i) + "]\nrfc = \"" + carrier_rfc(i) +
                "\"\nname = \"TRANSPORTES OTAY\"\nscac = \"" + scac(i) + "\"\nusdot = \"" +
                std::to_string(3'100'447 + i) + "\"\nfast_carrier = false\nctpat = true\n\n";
  const auto samples = impl_->source / "deploy" / "samples" / "partners";
  write_file(folder / "partners" / "broker.toml", brokers);
  write_file(folder / "partners" / "importer.toml", importers);
  write_file(folder / "partners" / "carrier.toml", carriers);
  write_file(folder / "partners" / "supplier.toml", read_file(samples / "supplier.toml"));
  write_file(folder / "partners" / "site.toml",
             replaced(read_file(samples / "site.toml"), "2026-11-01..2026-11-30",
                      date_text(plan.now - hours(24 * 30)) + ".." + date_text(plan.now + hours(24 * 30))));
}

}  // namespace puente::test
