// puente trace and puente exceptions: where something is, and what waits for whom.
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

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
    {"--all",
     "",
     OptionKind::flag,
     false,
     {"print every finding, notes and repetitions too", "imprime todo hallazgo, también notas y repetidos"}},
    {"NUMBER",
     "NUMBER",
     OptionKind::text,
     true,
     {"folio fiscal, IdCCP, invoice folio, SCN, trip, entry number, plate, reference, token, id, SHA-256 of a document "
      "or "
      "sequence of its receipt",
      "folio fiscal, IdCCP, folio de factura, SCN, viaje, número de entrada, placa, referencia, token, id, SHA-256 de "
      "un "
      "documento o secuencia de su acuse"}},
};
constexpr Option kExceptionsOptions[] = {kClientConfigOption, kAddressOption,    kCertificateOption, kKeyOption,
                                         kAuthorityOption,    kServerNameOption, kJsonOption};

std::string time_text(const google::protobuf::Timestamp& time) { return project(time).get<std::string>(); }

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
template <typename Message>
using Repeated = google::protobuf::RepeatedPtrField<Message>;

// 12 ms, 3.4 s, 5 min 2 s, 7 h 12 min, 3 d 4 h
std::string duration_text(std::int64_t micros) {
  constexpr std::int64_t kMillisecond = 1000, kSecond = 1000 * kMillisecond, kMinute = 60 * kSecond,
                         kHour = 60 * kMinute, kDay = 24 * kHour;
  const auto two = [micros](std::int64_t big, const char* big_name, std::int64_t small, const char* small_name) {
    std::string text = std::to_string(micros / big) + " " + big_name;
    if (const auto rest = micros % big / small; rest > 0) text += " " + std::to_string(rest) + " " + small_name;
    return text;
  };
  if (micros < 0) return "0 ms";
  if (micros < kSecond) return std::to_string(micros / kMillisecond) + " ms";
  if (micros < kMinute)
    return std::to_string(micros / kSecond) + "." + std::to_string(micros % kSecond / (kSecond / 10)) + " s";
  if (micros < kHour) return two(kMinute, "min", kSecond, "s");
  if (micros < kDay) return two(kHour, "h", kMinute, "min");
  return two(kDay, "d", kHour, "h");
}

std::int64_t micros_between(const Timestamp& from, const Timestamp& to) {
  return TimeUtil::TimestampToMicroseconds(to) - TimeUtil::TimestampToMicroseconds(from);
}

constexpr std::size_t kTimeColumns = 27;  // to the microsecond

class StatusPrinter {
 public:
  StatusPrinter(Terminal& terminal, bool all) : out_(terminal.out), language_(terminal.language), all_(all) {}

  void print(const v1::StatusReply& reply) {
    now_ = reply.at();
    const auto parts = reply.shipments_size() + reply.documents_size();
    if (reply.found())
      out_ << kinds_text(reply, language_) << "  " << std::to_string(parts)
           << (parts == 1 ? Text{" match", " resultado"}
                          : Text{" matches, newest first", " resultados, primero el más nuevo"})
                  .in(language_)
           << "\n";
    for (const v1::ShipmentStatus& shipment : reply.shipments()) {
      shown_.clear();
      print(shipment);
    }
    for (const v1::DocumentStatus& document : reply.documents()) {
      shown_.clear();
      print(document, "");
      next(document.standing());
    }
  }

  static std::string kinds_text(const v1::StatusReply& reply, Language language) {
    std::string text;
    for (const v1::NumberKind& kind : reply.kinds())
      text += (text.empty() ? "" : ", ") + (language == Language::es ? kind.es() : kind.en());
    return text;
  }

 private:
  void print(const v1::ShipmentStatus& shipment) {
    out_ << head("shipment", "embarque") << " " << shipment.shipment_id() << "  ";
    state(shipment.state(), shipment.standing());
    cause(shipment.standing(), "  ");
    for (const std::string& missing : shipment.missing())
      out_ << "  " << out_.paint(Tone::caution, Text{"missing", "falta"}.in(language_)) << " " << safe_text(missing)
           << "\n";
    findings(shipment.findings(), "  ");
    for (const v1::DocumentStatus& document : shipment.documents()) print(document, "  ");
    for (const v1::FilingStatus& filing : shipment.filings()) print(filing);
    next(shipment.standing());
  }

  void print(const v1::DocumentStatus& document, const std::string& indent) {
    out_ << indent << head("document", "documento") << " " << document.document_id();
    word(document.folio_fiscal());
    if (!document.partner().empty()) word(std::string(Text{"from ", "de "}.in(language_)) + document.partner());
    if (!document.client_ref().empty()) word("ref " + document.client_ref());
    out_ << "  ";
    state(document.state(), document.standing());
    cause(document.standing(), indent + "  ");
    if (document.has_sat_status()) print(document.sat_status(), indent + "  ");
    steps(document.steps(), indent + "  ");
    findings(document.findings(), indent + "  ");
  }

  void print(const v1::SatStatus& status, const std::string& indent) {
    out_ << indent << "SAT";
    word(status.estado().empty() ? Text{"not answered yet", "sin respuesta aún"}.in(language_)
                                 : std::string_view(status.estado()));
    word(status.cancelable());
    word(status.cancelacion());
    if (status.has_at()) word(time_text(status.at()));
    if (!status.fault().empty())
      word(std::string(Text{"asked in vain: ", "consulta fallida: "}.in(language_)) + status.fault());
    if (status.has_next_at())
      word(std::string(Text{"asked again ", "se consulta de nuevo "}.in(language_)) + time_text(status.next_at()));
    out_ << "\n";
  }

  void print(const v1::FilingStatus& filing) {
    out_ << "  " << head("filing", "trámite") << " " << filing.filing_id();
    word(filing.kind() + (filing.action().empty() ? "" : " " + filing.action()));
    word(std::string(Text{"revision ", "revisión "}.in(language_)) + std::to_string(filing.revision()));
    word(std::string(Text{"filer ", "agente "}.in(language_)) + filing.filer());
    if (!filing.entry_number().empty())
      word(std::string(Text{"entry ", "entrada "}.in(language_)) + filing.entry_number());
    if (!filing.reference().empty()) word("CR " + filing.reference());
    out_ << "  ";
    state(filing.state(), filing.standing());
    cause(filing.standing(), "    ");
    if (!filing.replaces().empty()) fact({"replaces", "reemplaza a"}, filing.replaces());
    if (filing.has_deadline()) fact({"deadline", "fecha límite"}, time_text(filing.deadline()));
    if (filing.has_next_attempt()) fact({"next attempt", "siguiente intento"}, time_text(filing.next_attempt()));
    steps(filing.steps(), "    ");
    for (const v1::Attempt& offer : filing.offers()) print(offer);
    for (const v1::CbpAnswerLine& answer : filing.answers()) {
      out_ << "    " << time_text(answer.received_at()) << "  CBP  " << safe_text(answer.line()) << "\n";
      if (!answer.disposition_code().empty() || !answer.disposition_text().empty())
        out_ << "      " << safe_text(answer.record()) << " " << safe_text(answer.disposition_code()) << "  "
             << safe_text(answer.disposition_text()) << "\n";
    }
    findings(filing.findings(), "    ");
  }

  void print(const v1::Attempt& offer) {
    out_ << "    " << Text{"attempt ", "intento "}.in(language_) << std::to_string(offer.number());
    word(offer.channel());
    word(time_text(offer.offered_at()));
    if (offer.has_ended_at()) {
      word("+" + duration_text(micros_between(offer.offered_at(), offer.ended_at())));
    } else if (offer.has_lease_until()) {
      word(std::string(Text{"lease until ", "reservado hasta "}.in(language_)) + time_text(offer.lease_until()));
    }
    word(offer.outcome());
    word(offer.detail());
    if (!offer.lease_id().empty()) word("lease " + offer.lease_id());
    out_ << "\n";
  }

  // Times, and how long it took since the step before.
  void steps(const Repeated<v1::Step>& all, const std::string& indent) {
    const v1::Step* before = nullptr;
    for (const v1::Step& step : all) {
      out_ << indent << padded(time_text(step.at()), kTimeColumns) << "  "
           << padded(before == nullptr ? "" : "+" + duration_text(micros_between(before->at(), step.at())), 10) << "  "
           << padded(step.verb(), 8) << "  " << padded(step.state(), 12) << "  " << safe_text(step.text()) << "\n";
      before = &step;
    }
  }

  // The state, in words, and since when.
  void state(const std::string& state, const v1::Standing& standing) {
    const auto tone = standing.exception() ? Tone::caution : Tone::plain;
    out_ << out_.paint(tone, safe_text(state));
    if (!standing.state_en().empty()) out_ << ": " << safe_text(in(standing.state_es(), standing.state_en()));
    if (standing.has_since())
      out_ << Text{" (for ", " (desde hace "}.in(language_) << duration_text(micros_between(standing.since(), now_))
           << ")";
    out_ << "\n";
  }

  void cause(const v1::Standing& standing, const std::string& indent) {
    if (standing.cause().empty()) return;
    out_ << indent << out_.paint(Tone::caution, Text{"cause", "causa"}.in(language_)) << " "
         << safe_text(standing.cause());
    const std::string words = safe_text(in(standing.cause_es(), standing.cause_en()));
    out_ << (words.empty() ? "" : "  " + words) << "\n";
  }

  // The last line: what happens next, whose turn it is and for how long.
  void next(const v1::Standing& standing) {
    out_ << out_.paint(Tone::strong, Text{"next", "sigue"}.in(language_)) << "  "
         << safe_text(in(standing.next_es(), standing.next_en()));
    if (standing.has_next_at()) out_ << " (" << time_text(standing.next_at()) << ")";
    if (standing.exception() && standing.has_since())
      out_ << Text{" [waits for ", " [espera desde hace "}.in(language_)
           << duration_text(micros_between(standing.since(), now_)) << "]";
    out_ << "\n";
  }

  // Each finding once in a shipment; notes are counted.
  void findings(const Repeated<v1::Finding>& all, const std::string& indent) {
    if (all.empty()) return;
    std::vector<Finding> told, fresh;
    for (const v1::Finding& finding : all)
      if (all_ || !shown_.contains(key(finding))) fresh.push_back(finding);
    if (fresh.empty()) return;
    for (const Finding& finding : fresh) shown_.insert(key(finding));
    fresh = lists_together(std::move(fresh));
    std::copy_if(fresh.begin(), fresh.end(), std::back_inserter(told),
                 [this](const Finding& finding) { return all_ || finding.severity() != v1::SEVERITY_INFO; });
    out_ << indent << count_of(fresh, language_);
    if (told.size() < fresh.size())
      out_ << Text{" (--all prints the notes)", " (--all imprime las notas)"}.in(language_);
    out_ << "\n";
    print_findings(out_, told, language_, indent + "  ");
  }

  // The places of an entry's findings are counted anew in its filing: the words and the source are what is the same.
  static std::string key(const v1::Finding& finding) {
    return finding.code() + "\n" + finding.en() + "\n" + finding.detail() + "\n" + finding.source().path();
  }

  void fact(Text name, std::string_view value) {
    out_ << "    " << name.in(language_) << " " << safe_text(value) << "\n";
  }
  void word(std::string_view text) {
    if (!text.empty()) out_ << "  " << safe_text(text);
  }
  const std::string& in(const std::string& es, const std::string& en) const {
    return language_ == Language::es ? es : en;
  }
  std::string head(std::string_view en, std::string_view es) const {
    return out_.paint(Tone::strong, Text{en, es}.in(language_));
  }

  Printer& out_;
  Language language_;
  bool all_;
  Timestamp now_;
  std::set<std::string> shown_;
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
    StatusPrinter(terminal, arguments.flag("--all")).print(*reply);
  }
  if (!reply->found()) {
    terminal.err << safe_text(number)
                 << Text{": unknown. Tried as ", ": desconocido. Se buscó como "}.in(terminal.language)
                 << StatusPrinter::kinds_text(*reply, terminal.language) << "\n";
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
