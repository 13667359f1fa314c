// puente submit and puente notice: documents to the gateway, receipts back.
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/progress.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kDocumentBytes = 10U << 20U;  // gateway.proto, SubmitRequest: larger ones are refused there

constexpr Option kWaitOption = {"--wait",
                                "",
                                OptionKind::flag,
                                false,
                                {"show what becomes of each document until the gateway has done its part",
                                 "muestra qué pasa con cada documento hasta que la pasarela termina su parte"}};
constexpr Option kJsonOption = {
    "--json", "", OptionKind::flag, false, {"print a JSON array", "imprime un arreglo JSON"}};

constexpr Option kSubmitOptions[] = {
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    kWaitOption,
    kJsonOption,
    {"FILE", "FILE...", OptionKind::texts, true, {"SAT XML documents", "documentos XML del SAT"}},
};
constexpr Option kNoticeOptions[] = {
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    kWaitOption,
    kJsonOption,
    {"FILE", "FILE", OptionKind::text, true, {"crossing notice (puente.notice/1)", "aviso de cruce (puente.notice/1)"}},
};

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

Json receipt_json(const v1::Receipt& receipt) {
  Json out = project(receipt);
  if (out.contains("body")) out["body"]["sha256"] = hex(receipt.body().sha256());
  return out;
}

// The documents of one run: read one after the other, known again by their place in the list.
class Submission {
 public:
  Submission(const Arguments& arguments, Terminal& terminal, v1::DocumentKind kind)
      : files_(arguments.list("FILE")),
        terminal_(terminal),
        kind_(kind),
        wait_(arguments.flag("--wait")),
        json_(arguments.flag("--json")),
        items_(json_ ? files_.size() : 0),
        answered_(files_.size(), false),
        progress_(terminal.err, files_.size(), terminal.language) {}

  // The next file that can be opened.
  std::optional<v1::SubmitRequest> next() {
    for (; at_ < files_.size(); ++at_) {
      auto content = read_file(files_[at_], kDocumentBytes);
      if (content) {
        v1::SubmitRequest request;
        request.set_kind(kind_);
        request.set_content(std::move(*content));
        request.set_client_ref(std::to_string(at_++));
        return request;
      }
      const std::scoped_lock lock(mutex_);
      progress_.clear();
      report(terminal_, content.error());
      answered_[at_] = true;
      unopened_ = true;
      progress_.one(true);
    }
    return std::nullopt;
  }

  void take(const v1::SubmitEvent& event) {
    const std::scoped_lock lock(mutex_);
    if (event.has_reply()) take_reply(event.reply());
    if (event.has_status()) take_status(event.status());
  }

  // `ended`: how the connection ended.
  ExitCode finish(const Result<void>& ended) {
    progress_.finish();
    if (json_) terminal_.out << dump(items_json()) << "\n";
    if (!ended) {
      std::size_t open = 0;
      for (const bool answered : answered_)
        if (!answered) ++open;
      const ExitCode code = report(terminal_, ended.error());
      if (open > 0)
        terminal_.err
            << std::to_string(open)
            << Text{" documents have no receipt. Submit them again: what was received gets its first receipt.\n",
                    " documentos sin acuse. Envíelos de nuevo: lo ya recibido obtiene su primer acuse.\n"}
                   .in(terminal_.language);
      return code;
    }
    if (unopened_) return ExitCode::cannot_open;
    return refused_ ? ExitCode::findings : ExitCode::done;
  }

 private:
  // Which file an event is about; the gateway gives back what next() wrote.
  std::optional<std::size_t> file_of(const std::string& client_ref) const {
    if (client_ref.empty() || client_ref.find_first_not_of("0123456789") != std::string::npos || client_ref.size() > 9)
      return std::nullopt;
    const std::size_t index = std::stoul(client_ref);
    return index < files_.size() ? std::optional(index) : std::nullopt;
  }

  void take_reply(const v1::SubmitReply& reply) {
    const auto file = file_of(reply.client_ref());
    if (!file) return;
    answered_[*file] = true;
    const bool refused = !reply.has_receipt();
    refused_ = refused_ || refused;
    if (json_) {
      Json& item = items_[*file];
      item["repeat"] = reply.repeat();
      if (!refused) item["receipt"] = receipt_json(reply.receipt());
      item["findings"] = findings_json({reply.findings().begin(), reply.findings().end()});
    } else {
      print_reply(files_[*file], reply);
    }
    progress_.one(refused);
  }

  void print_reply(const std::string& file, const v1::SubmitReply& reply) {
    progress_.clear();
    Printer& out = terminal_.out;
    const Language language = terminal_.language;
    out << out.paint(Tone::strong, safe_text(file)) << "  ";
    if (reply.has_receipt()) {
      const v1::ReceiptBody& body = reply.receipt().body();
      out << (reply.repeat() ? Text{"received before", "ya recibido"} : Text{"received", "recibido"}).in(language)
          << "  " << body.document_id() << "  " << safe_text(body.folio_fiscal())
          << (body.folio_fiscal().empty() ? "" : "  ") << project(body.received_at()).get<std::string>()
          << "\n  sha256 " << hex(body.sha256()) << "  " << Text{"sequence ", "secuencia "}.in(language)
          << std::to_string(body.ledger_sequence()) << "  " << safe_text(body.durability()) << "\n";
    } else {
      out << out.paint(Tone::bad, Text{"not received", "no recibido"}.in(language)) << "\n";
    }
    print_findings(out, lists_together({reply.findings().begin(), reply.findings().end()}), language);
    out.flush();
  }

  void take_status(const v1::StatusEvent& status) {
    if (!wait_) return;
    for (const Finding& finding : status.findings()) refused_ = refused_ || finding.severity() == v1::SEVERITY_ERROR;
    const auto file = file_of(status.client_ref());
    if (json_) {
      (file ? items_[*file]["events"] : events_).push_back(project(status));
      return;
    }
    progress_.clear();
    Printer& out = terminal_.out;
    out << (file ? safe_text(files_[*file]) : std::string(status.object() + " " + status.object_id())) << "  "
        << status.verb() << "  " << status.state() << "  " << safe_text(status.text()) << "\n";
    print_findings(out, lists_together({status.findings().begin(), status.findings().end()}), terminal_.language);
    out.flush();
  }

  Json items_json() {
    Json out = Json::array();
    for (std::size_t i = 0; i < items_.size(); ++i) {
      Json item = {{"file", files_[i]}};
      if (items_[i].is_object()) item.update(items_[i]);
      out.push_back(std::move(item));
    }
    return out;
  }

  const std::vector<std::string>& files_;
  Terminal& terminal_;
  const v1::DocumentKind kind_;
  const bool wait_, json_;
  std::size_t at_ = 0;
  std::mutex mutex_;  // next() and take() run on two threads
  std::vector<Json> items_;
  Json events_;
  std::vector<bool> answered_;
  bool refused_ = false, unopened_ = false;
  Progress progress_;
};

ExitCode send(const Arguments& arguments, Terminal& terminal, v1::DocumentKind kind) {
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  Submission submission(arguments, terminal, kind);
  const auto on_event = [&](const v1::SubmitEvent& event) { submission.take(event); };
  // One document without --wait is one call; everything else is a stream, on which the gateway reports as it goes.
  if (arguments.list("FILE").size() > 1 || arguments.flag("--wait"))
    return submission.finish((*client)->submit_many([&] { return submission.next(); }, on_event));
  const auto request = submission.next();
  if (!request) return submission.finish({});
  auto reply = (*client)->submit(*request);
  if (!reply) return submission.finish(tl::unexpected(reply.error()));
  v1::SubmitEvent event;
  *event.mutable_reply() = std::move(*reply);
  submission.take(event);
  return submission.finish({});
}

ExitCode submit(const Arguments& arguments, Terminal& terminal) { return send(arguments, terminal, v1::SAT_XML); }
ExitCode notice(const Arguments& arguments, Terminal& terminal) {
  return send(arguments, terminal, v1::CROSSING_NOTICE);
}

}  // namespace

const Command kSubmit = {"submit",
                         {"hand SAT documents to the gateway", "entrega documentos del SAT a la pasarela"},
                         "puente submit --config demo/client-shipper.toml *.xml\n"
                         "puente submit --config demo/client-shipper.toml --wait --json factura.xml",
                         kSubmitOptions,
                         submit};
const Command kNotice = {"notice",
                         {"hand a crossing notice to the gateway", "entrega un aviso de cruce a la pasarela"},
                         "puente notice --config demo/client-carrier.toml notice.json",
                         kNoticeOptions,
                         notice};

}  // namespace puente::app
