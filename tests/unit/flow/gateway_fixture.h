// A gateway without its doors: flow and delivery over a SQLite ledger in a folder of its own, partners, the sample
// profiles and catalog, documents sealed by an authority of the test, and a clock that only the test moves.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/delivery/delivery.h"
#include "gateway/flow/flow.h"
#include "gateway/ledger/open.h"
#include "tests/support/sealing.h"

namespace puente::test {

// Documents of the auto parts sample. The invoice's UUID is chosen by the test; the others name it.
struct Sample {
  std::string invoice, carta_porte, notice;
};

class GatewayTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kInvoiceUuid = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11";
  static constexpr std::string_view kSecondUuid = "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A22";
  static constexpr std::string_view kCartaPorteUuid = "7C3D0A52-8B66-4D2F-8F8C-3E5B7D2A1B33";

  void SetUp() override;
  void TearDown() override;

  void open();   // opens the ledger of this test's folder and everything above it; workers do not run yet
  void close();  // drains and closes: what a stop of the daemon does
  void run() { flow_->start(); }

  virtual std::string registry_text() const;
  virtual std::string extra_profile() const { return {}; }

  static Sample sample();  // sealed and stamped once
  // The invoice under another folio and kSecondUuid with relation 04 to the first, and the Carta Porte that names it.
  static std::string substituted_invoice();
  static std::string substituted_carta_porte();
  // What takes the first invoice's place and is no export.
  static std::string domestic_invoice();
  // The notice sent again an hour later: the truck arrives a day later.
  static std::string later_notice();
  static std::string reseal(std::string document, std::string_view uuid, std::string_view stamp_time);

  flow::PartnerScope scope(std::string_view partner) const;
  Result<v1::SubmitReply> submit(std::string_view partner, v1::DocumentKind kind, std::string content,
                                 std::string client_ref = "");
  void submit_shipment(const Sample& documents);
  Result<v1::FilerActResult> act(std::string_view partner, v1::FilerAct act);

  // Until no document waits to be read or joined.
  void settle();
  void wait_until(const std::function<bool()>& condition);

  v1::StatusReply status(std::string_view partner, std::string_view number);
  std::vector<ledger::FilingRow> filings();  // of every shipment, by kind and revision
  ledger::FilingRow filing(std::string_view kind, std::uint32_t revision = 1);
  std::vector<std::string> finding_codes(const v1::DocumentStatus& status);
  void look(const std::function<void(ledger::Reader&)>& body);

  void pass(std::chrono::microseconds time) { now_ += time.count(); }
  virtual flow::FlowOptions flow_options() const;

  std::filesystem::path folder_;
  std::atomic<ledger::Micros> now_{1'793'700'000'000'000};  // 2026-11-03
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<partners::Partners> partners_;
  std::unique_ptr<flow::Flow> flow_;
  std::unique_ptr<delivery::Delivery> delivery_;
  std::shared_ptr<const flow::ReceiptSigner> signer_;
  sat::Limits limits_;
  delivery::DeliveryOptions delivery_options_{.poll = std::chrono::seconds(1)};
  std::mutex changed_mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;
};

// A filer in memory: keeps what it is offered.
class Inbox {
 public:
  delivery::Delivery::Sink sink();
  v1::Filing wait_for(std::size_t number);  // the number-th offer, from 1
  std::size_t size() const;
  std::vector<v1::Filing> all() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<v1::Filing> filings_;
};

v1::FilerAct confirmation(std::string_view token, std::string_view entry_number = "");
v1::FilerAct refusal(std::string_view token, bool retry, std::string_view reason = "office closed");
v1::FilerAct correction(std::string_view token, std::string_view element, std::string_view value);
v1::FilerAct answer(std::string_view lines, std::string_view token = "");

}  // namespace puente::test
