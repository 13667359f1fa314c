// puente trace and puente exceptions: where something is, and what waits for whom.
#include <nlohmann/json.hpp>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/findings_text.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr Option kJsonOption = {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}};

constexpr Option kTraceOptions[] = {
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    kJsonOption,
    {"NUMBER",
     "NUMBER",
     OptionKind::text,
     true,
     {"folio fiscal, IdCCP, invoice folio, SCN, trip, entry number, plate or document id",
      "folio fiscal, IdCCP, folio de factura, SCN, viaje, número de entrada, placa o id de documento"}},
};
constexpr Option kExceptionsOptions[] = {kClientConfigOption, kAddressOption,    kCertificateOption, kKeyOption,
                                         kAuthorityOption,    kServerNameOption, kJsonOption};

std::string time_text(const google::protobuf::Timestamp& time) { return project(time).get<std::string>(); }

class StatusPrinter {
 public:
  explicit StatusPrinter(Terminal& terminal) : out_(terminal.out), language_(terminal.language) {}

  void print(const v1::StatusReply& reply) {
    for (const v1::ShipmentStatus& shipment : reply.shipments()) print(shipment);
    for (const v1::DocumentStatus& document : reply.documents()) print(document, "");
  }

 private:
  void print(const v1::ShipmentStatus& shipment) {
    out_ << head("shipment", "embarque") << " " << shipment.shipment_id() << "  " << shipment.state() << "\n";
    for (const std::string& missing : shipment.missing())
      out_ << "  " << out_.paint(Tone::caution, Text{"missing", "falta"}.in(language_)) << " " << safe_text(missing)
           << "\n";
    print_findings(out_, {shipment.findings().begin(), shipment.findings().end()}, language_);
    for (const v1::DocumentStatus& document : shipment.documents()) print(document, "  ");
    for (const v1::FilingStatus& filing : shipment.filings()) print(filing);
  }

  void print(const v1::DocumentStatus& document, const std::string& indent) {
    out_ << indent << head("document", "documento") << " " << document.document_id() << "  "
         << safe_text(document.folio_fiscal()) << (document.folio_fiscal().empty() ? "" : "  ") << document.state()
         << "\n";
    steps(document.steps(), indent + "  ");
    print_findings(out_, {document.findings().begin(), document.findings().end()}, language_, indent + "  ");
  }

  void print(const v1::FilingStatus& filing) {
    out_ << "  " << head("filing", "trámite") << " " << filing.filing_id() << "  " << filing.kind() << "  "
         << Text{"filer ", "agente "}.in(language_) << safe_text(filing.filer()) << "  "
         << Text{"revision ", "revisión "}.in(language_) << std::to_string(filing.revision()) << "  " << filing.state();
    if (!filing.entry_number().empty())
      out_ << "  " << Text{"entry ", "entrada "}.in(language_) << safe_text(filing.entry_number());
    out_ << "  " << Text{"attempts ", "intentos "}.in(language_) << std::to_string(filing.attempts()) << "\n";
    steps(filing.steps(), "    ");
    for (const v1::CbpAnswerLine& answer : filing.answers()) {
      out_ << "    " << time_text(answer.received_at()) << "  CBP  " << safe_text(answer.line()) << "\n";
      if (!answer.disposition_code().empty())
        out_ << "      " << safe_text(answer.disposition_code()) << "  " << safe_text(answer.disposition_text())
             << "\n";
    }
    print_findings(out_, {filing.findings().begin(), filing.findings().end()}, language_, "    ");
  }

  void steps(const google::protobuf::RepeatedPtrField<v1::Step>& all, const std::string& indent) {
    for (const v1::Step& step : all)
      out_ << indent << time_text(step.at()) << "  " << padded(step.verb(), 8) << "  " << padded(step.state(), 12)
           << "  " << safe_text(step.text()) << "\n";
  }

  std::string head(std::string_view en, std::string_view es) const {
    return out_.paint(Tone::strong, Text{en, es}.in(language_));
  }

  Printer& out_;
  Language language_;
};

ExitCode trace(const Arguments& arguments, Terminal& terminal) {
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  const std::string number = *arguments.text("NUMBER");
  auto reply = (*client)->status(number);
  if (!reply && reply.error().code == "role_refused") reply = (*client)->trace(number);  // ops sees every partner's
  if (!reply) return report(terminal, reply.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(project(*reply)) << "\n";
  } else {
    StatusPrinter(terminal).print(*reply);
  }
  if (!reply->found()) {
    terminal.err << safe_text(number)
                 << Text{": nothing has this number\n", ": nada tiene este número\n"}.in(terminal.language);
    return ExitCode::findings;
  }
  return ExitCode::done;
}

ExitCode exceptions(const Arguments& arguments, Terminal& terminal) {
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  const auto reply = (*client)->exceptions();
  if (!reply) return report(terminal, reply.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(project(*reply)) << "\n";
    return ExitCode::done;
  }
  for (const v1::ExceptionRow& row : reply->rows())
    terminal.out << time_text(row.since()) << "  " << padded(row.owner(), 7) << "  " << row.object() << " "
                 << row.object_id() << "  " << row.state() << "  " << safe_text(row.cause()) << "\n";
  terminal.err << std::to_string(reply->rows_size()) << Text{" exceptions\n", " excepciones\n"}.in(terminal.language);
  return ExitCode::done;
}

}  // namespace

const Command kTrace = {"trace",
                        {"where a shipment is: its verbs with times, attempts and answers",
                         "dónde va un embarque: sus verbos con horas, intentos y respuestas"},
                        "puente trace --config demo/client-shipper.toml TFNB00418827",
                        kTraceOptions,
                        trace};
const Command kExceptions = {
    "exceptions",
    {"what cannot move by itself, and who must act", "lo que no avanza solo y quién debe actuar"},
    "puente exceptions --config demo/client-ops.toml",
    kExceptionsOptions,
    exceptions};

}  // namespace puente::app
