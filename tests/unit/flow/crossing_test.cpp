// Which documents belong to one crossing: what is short or comes again joins nothing by itself.
#include <gtest/gtest.h>

#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

void replace(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

class Crossing : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    run();
  }
  // A notice of the same trip and control number that names other documents.
  static std::string other_crossing(std::string_view sent_at, std::string_view eta) {
    auto notice = sample().notice;
    replace(notice, "TFNB07731-1", "TFNB07731-9");
    replace(notice, "2026-11-10T19:05:00-06:00", sent_at);
    replace(notice, "2026-11-11T09:30:00-06:00", eta);
    replace(notice, kInvoiceUuid, kSecondUuid);
    replace(notice, "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e6");
    return notice;
  }
  std::size_t shipments() {
    std::size_t count = 0;
    look([&](ledger::Reader& reader) {
      for (const auto* state : {"gathering", "drafted", "held", "filed"})
        count += reader.shipments_in_state(state, 100).size();
    });
    return count;
  }
};

TEST_F(Crossing, TripNumber_UsedAgainWeeksLater_IsAnotherShipment) {
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(
      submit("carrier", v1::CROSSING_NOTICE, other_crossing("2026-12-05T19:05:00-06:00", "2026-12-06T09:30:00-06:00"))
          ->has_receipt());
  settle();
  EXPECT_EQ(shipments(), 2U);
  EXPECT_EQ(filing("se").state, "ready");
}

TEST_F(Crossing, TripNumber_OfAnotherPartner_OpensNothingToIt) {
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(
      submit("stranger", v1::CROSSING_NOTICE, other_crossing("2026-11-10T20:05:00-06:00", "2026-11-11T09:30:00-06:00"))
          ->has_receipt());
  settle();
  EXPECT_EQ(shipments(), 2U);
  const auto seen = status("stranger", "TFNB07731");
  for (const auto& shipment : seen.shipments()) EXPECT_EQ(shipment.filings_size(), 0);
}

TEST_F(Crossing, TripNumber_OfTheSameNoticeSentAgain_IsTheSameShipment) {
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(
      submit("carrier", v1::CROSSING_NOTICE, other_crossing("2026-11-10T20:05:00-06:00", "2026-11-11T09:30:00-06:00"))
          ->has_receipt());
  settle();
  EXPECT_EQ(shipments(), 1U);
}

TEST_F(Crossing, Substitute_ThatIsNoExport_CountsAlsoWhenItCameFirst) {
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, domestic_invoice())->has_receipt());
  settle();
  submit_shipment(sample());
  settle();
  for (const auto& row : filings()) EXPECT_NE(row.state, "ready");
}

TEST_F(Crossing, Status_OfANumberOfManyShipments_ShowsTheNewestFirst) {
  for (int day = 10; day < 13; ++day) {
    pass(std::chrono::hours(24));
    auto notice = other_crossing("2026-11-" + std::to_string(day) + "T19:05:00-06:00", "2026-11-20T09:30:00-06:00");
    replace(notice, "TFNB07731", "TFNB0773" + std::to_string(day));
    replace(notice, kSecondUuid, "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0B" + std::to_string(day));
    replace(notice, "90a1b2c3d4e6", "90a1b2c3d4" + std::to_string(day));
    replace(notice, "TFNB00418827", "TFNB004188" + std::to_string(day));
    ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, notice)->has_receipt());
    settle();
  }
  const auto reply = status("carrier", "57AM9K");
  ASSERT_EQ(reply.shipments_size(), 3);
  EXPECT_GT(reply.shipments(0).shipment_id(), reply.shipments(2).shipment_id());
}

class CrossingInATightPlace : public GatewayTest {};

TEST_F(CrossingInATightPlace, WhatWaitsToBeWritten_IsBounded) {
  auto options = flow_options();
  options.pending_bytes = 1;
  auto tight = flow::make_flow(*ledger_, *partners_, flow_->knowledge(), signer_, options);
  // The writing thread is held, so that the first submission waits.
  std::mutex held;
  std::unique_lock hold(held);
  ledger_->write(
      [&held](ledger::Writer&) -> Result<void> {
        const std::lock_guard wait(held);
        return {};
      },
      [](const Result<void>&) {});
  std::atomic<bool> first = false;
  std::string second;
  tight->accept(scope("shipper"), {v1::SAT_XML, sample().invoice, "", "test"},
                [&](Result<v1::SubmitReply> reply) { first = reply && reply->has_receipt(); });
  tight->accept(scope("shipper"), {v1::SAT_XML, sample().carta_porte, "", "test"},
                [&](Result<v1::SubmitReply> reply) { second = reply ? "" : reply.error().code; });
  EXPECT_EQ(second, "queue_full");
  hold.unlock();
  tight->drain();
  EXPECT_TRUE(first);
}

}  // namespace
}  // namespace puente::test
