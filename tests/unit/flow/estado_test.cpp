// What the SAT's word on a document does to its shipment and its filings. The SAT is the test's own.
#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <variant>

#include "gateway/estado/consulta.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using namespace std::chrono_literals;
using sat::Cancelable;
using sat::Cancelacion;
using sat::EstadoCfdi;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr sat::Estado kVigente{EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::nothing};
constexpr sat::Estado kAskedFor{EstadoCfdi::vigente, Cancelable::con_aceptacion, Cancelacion::en_proceso};
constexpr sat::Estado kCancelado{EstadoCfdi::cancelado, Cancelable::nothing, Cancelacion::con_aceptacion};

// Answers at once what it was told for the folio; while it is silent, when it is told to speak.
class Sat final : public estado::Consulta {
 public:
  void ask(std::string expression, std::chrono::milliseconds, Done done) override {
    const auto at = expression.find("&id=") + 4;
    const auto folio = expression.substr(at, expression.find('&', at) - at);
    Result<sat::Estado> answer;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(folio);
      changed_.notify_all();
      if (silent_) {
        waiting_.emplace_back(folio, std::move(done));
        return;
      }
      answer = answer_for(folio);
    }
    done(std::move(answer));
  }
  void stop() override { speak(retryable("consulta_stopped", "")); }

  void says(const Result<sat::Estado>& answer, std::string_view folio = "") {
    const std::lock_guard lock(mutex_);
    says_[std::string(folio)] = answer;
  }
  void be_silent() {
    const std::lock_guard lock(mutex_);
    silent_ = true;
  }
  // What waits is answered, and what comes.
  void speak(const std::optional<Result<sat::Estado>>& instead = std::nullopt) {
    std::vector<std::pair<std::string, Done>> waiting;
    std::map<std::string, Result<sat::Estado>> answers;
    {
      const std::lock_guard lock(mutex_);
      silent_ = false;
      waiting.swap(waiting_);
      for (const auto& [folio, done] : waiting) answers.insert_or_assign(folio, instead ? *instead : answer_for(folio));
    }
    for (const auto& [folio, done] : waiting) done(answers.at(folio));
  }
  std::size_t asked() const {
    const std::lock_guard lock(mutex_);
    return asked_.size();
  }
  bool wait_until_asked(std::size_t times) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return asked_.size() >= times; });
  }

 private:
  Result<sat::Estado> answer_for(const std::string& folio) const {
    const auto own = says_.find(folio);
    return own == says_.end() ? says_.at("") : own->second;
  }
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Result<sat::Estado>> says_{{"", kVigente}};
  std::vector<std::string> asked_;
  std::vector<std::pair<std::string, Done>> waiting_;
  bool silent_ = false;
};

class Estado : public GatewayTest {
 protected:
  flow::FlowOptions flow_options() const override {
    auto options = GatewayTest::flow_options();
    if (on_) options.estado.consulta = sat_;
    return options;
  }
  void file() {
    run();
    submit_shipment(sample());
    settle();
  }
  void confirm_both() {
    ASSERT_TRUE(act("broker", confirmation(filing("se").token))->applied());
    ASSERT_TRUE(act("broker", confirmation(filing("ae").token))->applied());
  }
  void reopen() {
    close();
    open();
    run();
  }
  v1::ShipmentStatus shipment() {
    const auto reply = status("ops", "TFNB00418827");
    EXPECT_EQ(reply.shipments_size(), 1);
    return reply.shipments_size() == 1 ? reply.shipments(0) : v1::ShipmentStatus();
  }
  v1::DocumentStatus invoice(std::string_view folio = kInvoiceUuid) {
    const auto reply = status("ops", folio);
    for (const auto& of : reply.shipments())
      for (const auto& document : of.documents())
        if (document.folio_fiscal() == folio) return document;
    return {};
  }
  std::vector<std::string> codes() {
    std::vector<std::string> found;
    const auto now = shipment();
    for (const auto& finding : now.findings()) found.push_back(finding.code());
    return found;
  }
  void wait_for_estado(std::string_view word, std::string_view folio = kInvoiceUuid) {
    wait_until([&] { return invoice(folio).sat_status().estado() == word; });
  }
  // Invoice and Carta Porte.
  void wait_for_answers() {
    wait_until([this] {
      const auto now = shipment();
      return std::count_if(now.documents().begin(), now.documents().end(), [](const v1::DocumentStatus& document) {
               return !document.sat_status().estado().empty() || !document.sat_status().fault().empty();
             }) == 2;
    });
  }
  void pass_keep() { pass(options_.keep); }
  std::vector<std::string> filing_states(std::string_view action) {
    std::vector<std::string> states;
    for (const auto& row : filings())
      if (row.action == action) states.push_back(row.state);
    return states;
  }

  const std::shared_ptr<Sat> sat_ = std::make_shared<Sat>();
  const flow::EstadoPolicy options_;
  bool on_ = true;
};

TEST_F(Estado, Off_NobodyIsAskedAndNothingIsSaid) {
  close();
  on_ = false;
  open();
  file();
  EXPECT_EQ(sat_->asked(), 0u);
  EXPECT_FALSE(invoice().has_sat_status());
  EXPECT_THAT(codes(), Not(Contains("CFDI_STATUS_UNKNOWN")));
  EXPECT_EQ(filing("se").not_before, 0);
}

TEST_F(Estado, Vigente_StandsInTheTraceWithItsTime) {
  file();
  wait_for_answers();
  const auto document = invoice();
  EXPECT_EQ(document.sat_status().estado(), "Vigente");
  EXPECT_EQ(document.sat_status().cancelable(), "Cancelable con aceptación");
  EXPECT_TRUE(document.sat_status().has_at());
  EXPECT_TRUE(document.sat_status().has_next_at());
  const auto told = std::find_if(document.steps().begin(), document.steps().end(),
                                 [](const v1::Step& step) { return step.verb() == "estado"; });
  ASSERT_NE(told, document.steps().end());
  EXPECT_EQ(told->text(), "Vigente; Cancelable con aceptación");
  EXPECT_EQ(told->state(), "joined");
  EXPECT_EQ(filing("se").state, "ready");
  EXPECT_EQ(filing("se").not_before, 0);
  EXPECT_THAT(codes(), Not(Contains("CFDI_STATUS_UNKNOWN")));
  EXPECT_TRUE(ledger_->verify()->intact);
}

TEST_F(Estado, FirstAnswers_AreAwaitedBeforeAFilingIsOffered) {
  sat_->be_silent();
  file();
  ASSERT_TRUE(sat_->wait_until_asked(2));
  const auto wait = std::chrono::microseconds(options_.wait).count();
  EXPECT_EQ(filing("se").state, "ready");
  EXPECT_EQ(filing("se").not_before, now_ + wait);
  sat_->speak();
  wait_for_answers();
  EXPECT_EQ(filing("se").not_before, 0);
  EXPECT_EQ(filing("ae").not_before, 0);
}

TEST_F(Estado, SatThatSaysNothing_HoldsNoFilingLongerThanItsWait) {
  sat_->be_silent();
  file();
  delivery_->start();
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  ASSERT_TRUE(sat_->wait_until_asked(2));
  EXPECT_EQ(inbox.size(), 0u);
  pass(options_.wait);
  inbox.wait_for(2);
  session.reset();
}

TEST_F(Estado, QuestionInVain_IsAWarningThatGoesAwayWithTheAnswer) {
  sat_->says(retryable("consulta_unreachable", ""));
  file();
  wait_for_answers();
  EXPECT_THAT(codes(), Contains("CFDI_STATUS_UNKNOWN"));
  EXPECT_EQ(filing("se").state, "ready");
  EXPECT_EQ(filing("se").not_before, 0);
  EXPECT_EQ(invoice().sat_status().fault(), "consulta_unreachable");
  sat_->says(kVigente);
  pass(options_.again_first);
  wait_until([this] {
    const auto found = codes();
    return std::find(found.begin(), found.end(), "CFDI_STATUS_UNKNOWN") == found.end();
  });
  EXPECT_EQ(filing("se").revision, 1u);  // a warning makes no new revision
  EXPECT_EQ(filings().size(), 2u);
}

TEST_F(Estado, DocumentThatTheSatDoesNotFind_IsAWarningAndAskedAgain) {
  sat_->says(sat::Estado{});
  file();
  wait_for_answers();
  EXPECT_THAT(codes(), Contains("CFDI_STATUS_UNKNOWN"));
  EXPECT_EQ(filing("se").state, "ready");
  sat_->says(kVigente);
  pass(options_.again_first);
  wait_for_estado("Vigente");
}

TEST_F(Estado, CancellationAskedFor_IsAWarning) {
  sat_->says(kAskedFor, kInvoiceUuid);
  file();
  wait_for_answers();
  EXPECT_THAT(codes(), Contains("CFDI_CANCELLATION_ASKED"));
  EXPECT_EQ(filing("se").state, "ready");
}

TEST_F(Estado, CancelledBeforeAnyOffer_StopsItsFilings) {
  sat_->says(kCancelado, kInvoiceUuid);
  file();
  wait_for_estado("Cancelado");
  const auto document = invoice();
  EXPECT_EQ(document.state(), "cancelled");
  EXPECT_THAT(finding_codes(document), Contains("CFDI_CANCELLED"));
  EXPECT_FALSE(document.sat_status().has_next_at());
  EXPECT_THAT(codes(), Contains("CFDI_CANCELLED"));
  EXPECT_EQ(shipment().state(), "gathering");
  const auto now = shipment();
  EXPECT_THAT(now.missing(), Contains("MISSING_EXPORT_INVOICE"));
  for (const auto& row : filings()) EXPECT_EQ(row.state, "cancelled");
  EXPECT_TRUE(ledger_->verify()->intact);
}

TEST_F(Estado, CancelledAfterItsConfirmation_IsToldToTheFiler) {
  file();
  wait_for_answers();
  confirm_both();
  sat_->says(kCancelado, kInvoiceUuid);
  pass_keep();
  wait_for_estado("Cancelado");
  EXPECT_THAT(filing_states("D"), ::testing::ElementsAre("ready", "ready"));
  delivery_->start();
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  inbox.wait_for(2);
  for (const auto& offer : inbox.all()) {
    EXPECT_EQ(offer.action(), "D");
    const auto draft = flow_->draft_of(scope("broker"), offer.filing_id());
    ASSERT_TRUE(draft);
    std::vector<std::string> found;
    for (const auto& finding : draft->findings()) found.push_back(finding.code());
    EXPECT_THAT(found, Contains("CFDI_CANCELLED"));
  }
  session.reset();
}

TEST_F(Estado, CancelledWhileItsFilerHasIt_WaitsBehindForTheFilersWord) {
  file();
  wait_for_answers();
  delivery_->start();
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  const auto first = inbox.wait_for(1);
  inbox.wait_for(2);
  sat_->says(kCancelado, kInvoiceUuid);
  pass_keep();
  wait_for_estado("Cancelado");
  EXPECT_EQ(filing_states("D").size(), 2u);
  ASSERT_TRUE(act("broker", confirmation(first.token()))->applied());
  // The time that passed ended its lease: what it was given may be offered once more before.
  std::size_t number = 3;
  while (inbox.wait_for(number).action() == "A" && number < 8) ++number;
  EXPECT_EQ(inbox.wait_for(number).action(), "D");
  EXPECT_EQ(inbox.wait_for(number).kind(), first.kind());
  session.reset();
}

TEST_F(Estado, SubstituteOfACancelledInvoice_IsFiled) {
  sat_->says(kCancelado, kInvoiceUuid);
  file();
  wait_for_estado("Cancelado");
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, substituted_invoice())->has_receipt());
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, substituted_carta_porte())->has_receipt());
  auto notice = later_notice();
  notice.replace(notice.find(kInvoiceUuid), kInvoiceUuid.size(), kSecondUuid);
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, notice)->has_receipt());
  settle();
  wait_until([this] {
    const auto rows = filings();
    return std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.state == "ready"; }) == 2;
  });
  EXPECT_THAT(codes(), Not(Contains("CFDI_CANCELLED")));
}

// The notice names two invoices of one entry.
class TwoInvoices : public Estado {
 protected:
  void file_both() {
    auto documents = sample();
    const auto quoted = "\"" + std::string(kInvoiceUuid) + "\"";
    documents.notice.replace(documents.notice.find(quoted), quoted.size(),
                             quoted + ", \"" + std::string(kSecondUuid) + "\"");
    auto second = documents.invoice;
    const std::string folio = "Folio=\"10452\"";
    second.replace(second.find(folio), folio.size(), "Folio=\"10499\"");
    run();
    ASSERT_TRUE(submit("shipper", v1::SAT_XML, reseal(second, kSecondUuid, "2026-11-09T09:30:00"))->has_receipt());
    submit_shipment(documents);
    settle();
    wait_until([this] {
      return !invoice().sat_status().estado().empty() && !invoice(kSecondUuid).sat_status().estado().empty();
    });
  }
};

TEST_F(TwoInvoices, OneCancelledBeforeAnyOffer_HoldsTheEntryOfTheOther) {
  file_both();
  const auto before = filing("se");
  sat_->says(kCancelado, kSecondUuid);
  pass_keep();
  wait_for_estado("Cancelado", kSecondUuid);
  EXPECT_EQ(shipment().state(), "held");
  EXPECT_EQ(shipment().standing().cause(), "CFDI_CANCELLED");
  for (const auto& row : filings())
    EXPECT_TRUE(row.state == "held" || row.state == "replaced") << row.kind << " " << row.state;
  EXPECT_EQ(filing("se", before.revision).state, "replaced");
}

TEST_F(TwoInvoices, OneCancelledAfterConfirmation_ReplacesTheEntryAndSaysWhy) {
  file_both();
  confirm_both();
  sat_->says(kCancelado, kSecondUuid);
  pass_keep();
  wait_for_estado("Cancelado", kSecondUuid);
  EXPECT_THAT(filing_states("R"), ::testing::ElementsAre("ready", "ready"));
  const auto replacement = filing("se", 2);
  const auto draft = flow_->draft_of(scope("broker"), replacement.id);
  ASSERT_TRUE(draft);
  std::vector<std::string> found;
  for (const auto& finding : draft->findings()) found.push_back(finding.code());
  EXPECT_THAT(found, Contains("CFDI_CANCELLED"));
}

TEST_F(Estado, StopBeforeTheAnswer_IsAskedAgainAfterTheStart) {
  sat_->be_silent();
  file();
  ASSERT_TRUE(sat_->wait_until_asked(2));
  reopen();
  wait_for_answers();
  EXPECT_EQ(sat_->asked(), 4u);
  EXPECT_EQ(invoice().sat_status().estado(), "Vigente");
}

TEST_F(Estado, TurnedOnLater_AsksForTheDocumentsOfOpenShipments) {
  close();
  on_ = false;
  open();
  file();
  on_ = true;
  sat_->says(kCancelado, kInvoiceUuid);
  reopen();
  wait_for_estado("Cancelado");
  for (const auto& row : filings()) EXPECT_EQ(row.state, "cancelled");
}

TEST_F(Estado, TurnedOffLater_LeavesWhatWasCancelledAndAsksNobody) {
  sat_->says(kCancelado, kInvoiceUuid);
  file();
  wait_for_estado("Cancelado");
  const auto asked = sat_->asked();
  on_ = false;
  reopen();
  pass_keep();
  EXPECT_EQ(invoice().state(), "cancelled");
  EXPECT_EQ(sat_->asked(), asked);
}

TEST_F(Estado, DocumentOfLongAgo_IsNotAskedForAnyMore) {
  file();
  wait_for_answers();
  sat_->says(kAskedFor);
  pass(options_.until);  // asked once more, and what it says is kept
  wait_until([this] { return invoice().sat_status().cancelacion() == "En proceso"; });
  EXPECT_FALSE(invoice().sat_status().has_next_at());
}

}  // namespace
}  // namespace puente::test
