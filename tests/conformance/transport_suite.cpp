// What every transport must do for those who send documents.
#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "fixture.h"

namespace puente::conformance {
namespace {

constexpr std::string_view kUnknownUuid = "00000000-0000-4000-8000-000000000000";

class Senders : public Conformance {
 protected:
  static v1::SubmitRequest invoice() { return request(v1::SAT_XML, sample().invoice); }
  static std::string number() { return std::string(kInvoiceUuid); }
  bool in_ledger() { return status("shipper", kInvoiceUuid).found(); }

  // A document that is no XML: rejected soon, and cheap.
  static v1::SubmitRequest rubbish(int number) { return request(v1::SAT_XML, "not XML " + std::to_string(number)); }

  // The next answer to this document is the first receipt, whoever asks and however often.
  void expect_first_receipt_again(const v1::SubmitRequest& document) {
    const auto one = sender("shipper")->submit(document);
    const auto two = sender("shipper")->submit(document);
    ASSERT_TRUE(one && two) << (one ? two : one).error().text;
    EXPECT_TRUE(one->repeat());
    EXPECT_TRUE(two->repeat());
    EXPECT_TRUE(one->has_receipt());
    EXPECT_EQ(one->receipt().SerializeAsString(), two->receipt().SerializeAsString());
  }
};

TEST_P(Senders, Document_GetsAReceiptThatNamesIt) {
  const auto reply = sender("shipper")->submit(invoice());
  ASSERT_TRUE(reply) << reply.error().text;
  ASSERT_TRUE(reply->has_receipt());
  EXPECT_FALSE(reply->repeat());
  EXPECT_EQ(reply->receipt().body().kind(), v1::SAT_XML);
  EXPECT_EQ(reply->receipt().body().sha256().size(), 32U);
  EXPECT_FALSE(reply->receipt().signature().empty());
  v1::ReceiptBody signed_body;
  ASSERT_TRUE(signed_body.ParseFromString(reply->receipt().signed_part()));
  EXPECT_EQ(signed_body.SerializeAsString(), reply->receipt().body().SerializeAsString());
}

TEST_P(Senders, Document_Repeated_GetsTheIdenticalFirstReceipt) {
  const auto shipper = sender("shipper");
  const auto first = shipper->submit(invoice());
  ASSERT_TRUE(first) << first.error().text;
  ASSERT_TRUE(first->has_receipt());
  const auto other = sender("shipper");  // another connection
  for (SenderDoor* door : {shipper.get(), other.get()}) {
    const auto again = door->submit(invoice());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repeat());
    EXPECT_EQ(again->receipt().SerializeAsString(), first->receipt().SerializeAsString());
  }
}

TEST_P(Senders, Document_SameIdentityOtherBytes_FindingAndTheFirstOneStays) {
  const auto shipper = sender("shipper");
  const auto first = shipper->submit(invoice());
  ASSERT_TRUE(first->has_receipt());
  const auto conflict = shipper->submit(request(v1::SAT_XML, sample().invoice + "\n"));
  ASSERT_TRUE(conflict) << conflict.error().text;
  EXPECT_FALSE(conflict->has_receipt());
  ASSERT_EQ(conflict->findings_size(), 1);
  EXPECT_EQ(conflict->findings(0).code(), "DUPLICATE_ID_CONFLICT");
  const auto again = shipper->submit(invoice());
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(again->receipt().SerializeAsString(), first->receipt().SerializeAsString());
  look(
      [&](ledger::Reader& reader) { EXPECT_EQ(reader.body(first->receipt().body().document_id()), sample().invoice); });
}

TEST_P(Senders, Document_NotXml_ReceiptedThenRejectedWithFindings) {
  const auto shipper = sender("shipper");
  const auto reply = shipper->submit(rubbish(0));
  ASSERT_TRUE(reply) << reply.error().text;
  settle();
  const auto told = shipper->status(reply->receipt().body().document_id());
  ASSERT_TRUE(told) << told.error().text;
  ASSERT_EQ(told->documents_size(), 1);
  EXPECT_EQ(told->documents(0).state(), "rejected");
  EXPECT_GT(told->documents(0).findings_size(), 0);
}

TEST_P(Senders, Status_ByEveryNumberOfTheShipment_TellsTheSame) {
  const test::Sample documents = sample();
  ASSERT_TRUE(sender("shipper")->submit(request(v1::SAT_XML, documents.invoice)));
  const auto carrier = sender("carrier");
  const auto receipt = carrier->submit(request(v1::SAT_XML, documents.carta_porte));
  ASSERT_TRUE(receipt);
  ASSERT_TRUE(carrier->submit(request(v1::CROSSING_NOTICE, documents.notice)));
  settle();
  wait_until([this] { return filings().size() == 2; });
  const auto known = carrier->status("TFNB00418827");
  ASSERT_TRUE(known) << known.error().text;
  ASSERT_EQ(known->shipments_size(), 1);
  for (const std::string& number :
       {std::string("TFNB07731"), std::string("57AM9K"), std::string(kCartaPorteUuid),
        std::string("CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5"), receipt->receipt().body().document_id()}) {
    const auto told = carrier->status(number);
    ASSERT_TRUE(told) << number;
    EXPECT_TRUE(told->found()) << number;
    ASSERT_EQ(told->shipments_size(), 1) << number;
    EXPECT_EQ(told->shipments(0).shipment_id(), known->shipments(0).shipment_id()) << number;
  }
}

TEST_P(Senders, AnotherPartnersNumbers_AnswerAsUnknownOnes) {
  ASSERT_TRUE(sender("shipper")->submit(invoice()));
  settle();
  const auto stranger = sender("stranger");
  const auto theirs = stranger->status(number());
  const auto unknown = stranger->status(std::string(kUnknownUuid));
  ASSERT_TRUE(theirs && unknown);
  EXPECT_EQ(theirs->SerializeAsString(), unknown->SerializeAsString());
  EXPECT_TRUE(sender("shipper")->status(number())->found());
}

TEST_P(Senders, UnknownKeyOrWrongRole_RefusedAndServedOn) {
  const auto nobody = transport_->sender("nobody", 0);
  const auto refused = nobody ? (*nobody)->submit(invoice()) : tl::unexpected(nobody.error());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "unauthenticated");
  const auto filer_sends = sender("broker")->submit(invoice());
  ASSERT_FALSE(filer_sends);
  EXPECT_EQ(filer_sends.error().code, "role_refused");
  const auto sender_files = filer("shipper")->act(test::confirmation("TOKEN"));
  ASSERT_FALSE(sender_files);
  EXPECT_EQ(sender_files.error().code, "role_refused");
  const auto served = sender("shipper")->submit(invoice());
  ASSERT_TRUE(served) << served.error().text;
  EXPECT_FALSE(served->repeat()) << "a refused one was kept";
}

TEST_P(Senders, Document_OverTheLimit_RefusedAndServedOn) {
  const auto shipper = sender("shipper");
  const auto refused = shipper->submit(request(v1::SAT_XML, std::string(std::size_t{12} << 20U, ' ')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "limit_reached");
  EXPECT_TRUE(sender("shipper")->submit(invoice()));
}

// Ten windows of submissions at once: the transport reads as fast as it answers, and answers every one.
class SendersWithARate : public Senders {
 protected:
  std::string limits() const override { return one_document_a_second(); }
};

TEST_P(SendersWithARate, Documents_OverTheRate_RefusedForNowWhileOthersAreServed) {
  const auto shipper = sender("shipper"), carrier = sender("carrier");
  std::optional<Result<v1::SubmitReply>> refused;
  int number = 0;
  for (; number < 1000 && !refused; ++number)
    if (auto reply = shipper->submit(rubbish(number)); !reply) refused = std::move(reply);
  ASSERT_TRUE(refused) << "a thousand documents and no limit";
  EXPECT_EQ(refused->error().kind, FaultKind::retryable);
  EXPECT_EQ(refused->error().code, "limit_reached");
  EXPECT_NE(refused->error().text.find("DOCUMENTS_TOO_FAST"), std::string::npos) << refused->error().text;
  EXPECT_TRUE(shipper->status(std::string(kUnknownUuid))) << "the connection stays";
  EXPECT_TRUE(carrier->submit(rubbish(2000))) << "another partner's rate is its own";
  // The same document is welcome later, and nothing was kept of it before.
  std::optional<v1::SubmitReply> taken;
  ASSERT_TRUE(eventually([&] {
    auto reply = shipper->submit(rubbish(number - 1));
    if (reply) taken = std::move(*reply);
    return taken.has_value();
  }));
  EXPECT_TRUE(taken->has_receipt());
  EXPECT_FALSE(taken->repeat());
}

TEST_P(Senders, Documents_ManyInFlight_EveryOneAnsweredOnce) {
  constexpr int kDocuments = 640;
  std::vector<v1::SubmitRequest> requests;
  for (int number = 0; number < kDocuments; ++number) {
    requests.push_back(rubbish(number));
    requests.back().set_client_ref(std::to_string(number));
  }
  std::mutex mutex;
  std::map<std::string, int> answers;
  std::set<std::string> ids;
  const auto ended = sender("shipper")->submit_many(requests, [&](const v1::SubmitReply& reply) {
    const std::scoped_lock lock(mutex);
    ++answers[reply.client_ref()];
    ids.insert(reply.receipt().body().document_id());
  });
  ASSERT_TRUE(ended) << ended.error().text;
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(kDocuments));
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kDocuments));
  EXPECT_TRUE(std::all_of(answers.begin(), answers.end(), [](const auto& row) { return row.second == 1; }));
}

TEST_P(Senders, Disconnect_BeforeSending_TheNextConnectionIsServed) {
  const auto way = relay();
  const auto door = sender("shipper", way.get());
  ASSERT_TRUE(door);
  way->cut();
  const auto first = door->submit(invoice());
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, FaultKind::retryable) << first.error().code;
  const auto again = sender("shipper")->submit(invoice());
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_TRUE(again->has_receipt());
  EXPECT_FALSE(again->repeat());
}

TEST_P(Senders, Disconnect_AmidTheMessage_NothingIsKept) {
  const auto document = invoice();
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{40}, std::size_t{500}, document.content().size() / 2}) {
    const auto way = relay();
    const auto door = sender("shipper", way.get());
    ASSERT_TRUE(door);
    way->cut_after(bytes);
    const auto lost = door->submit(document);
    ASSERT_FALSE(lost) << bytes;
    EXPECT_EQ(lost.error().kind, FaultKind::retryable) << lost.error().code;
    EXPECT_FALSE(in_ledger()) << bytes;
  }
  const auto whole = sender("shipper")->submit(document);
  ASSERT_TRUE(whole) << whole.error().text;
  EXPECT_TRUE(whole->has_receipt());
  EXPECT_FALSE(whole->repeat());
}

TEST_P(Senders, Disconnect_BeforeTheReceipt_ResubmissionGetsTheFirstOne) {
  const auto way = relay();
  const auto door = sender("shipper", way.get());
  ASSERT_TRUE(door);
  way->hold_answers(true);
  Result<v1::SubmitReply> unheard = v1::SubmitReply();
  std::thread call([&] { unheard = door->submit(invoice()); });
  EXPECT_TRUE(eventually([&] { return in_ledger(); }));
  way->cut();
  call.join();
  ASSERT_FALSE(unheard);
  EXPECT_EQ(unheard.error().kind, FaultKind::retryable) << unheard.error().code;
  expect_first_receipt_again(invoice());
}

TEST_P(Senders, Watch_ResumedAfterASequence_MissesNothingAndRepeatsNothing) {
  const auto shipper = sender("shipper");
  const auto begin = shipper->submit(rubbish(0));
  ASSERT_TRUE(begin);
  std::set<std::string> wanted;
  for (int number = 1; number <= 20; ++number)
    wanted.insert(shipper->submit(rubbish(number))->receipt().body().document_id());
  settle();
  const auto watch = [&](std::uint64_t after, std::size_t most) {
    std::vector<std::uint64_t> seen;
    std::set<std::string> rejected;
    const auto ended = sender("shipper")->watch(after, [&](const v1::StatusEvent& event) {
      seen.push_back(event.sequence());
      if (event.state() == "rejected" && wanted.contains(event.object_id())) rejected.insert(event.object_id());
      return seen.size() < most && rejected.size() < wanted.size();
    });
    EXPECT_TRUE(ended) << ended.error().text;
    return seen;
  };
  const auto after = begin->receipt().body().ledger_sequence();
  const auto all = watch(after, 1000);
  ASSERT_GE(all.size(), 40U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  auto parts = watch(after, 7);
  const auto middle = watch(parts.back(), 11);
  parts.insert(parts.end(), middle.begin(), middle.end());
  const auto rest = watch(parts.back(), all.size() - parts.size());
  parts.insert(parts.end(), rest.begin(), rest.end());
  EXPECT_EQ(parts, all);
}

TEST_P(Senders, Watch_OfAnotherPartner_TellsItNothing) {
  const auto begin = sender("stranger")->submit(rubbish(0));
  ASSERT_TRUE(begin);
  ASSERT_TRUE(sender("shipper")->submit(rubbish(1)));
  const auto last = sender("stranger")->submit(rubbish(2));
  ASSERT_TRUE(last);
  std::set<std::string> seen;
  const auto ended =
      sender("stranger")->watch(begin->receipt().body().ledger_sequence(), [&](const v1::StatusEvent& event) {
        seen.insert(event.object_id());
        return event.object_id() != last->receipt().body().document_id();
      });
  EXPECT_TRUE(ended);
  for (const std::string& object : seen)
    EXPECT_TRUE(object == begin->receipt().body().document_id() || object == last->receipt().body().document_id());
}

// The slow one asks for everything and reads nothing; meanwhile the others work as ever. When it reads again, or comes
// back, nothing is missing.
TEST_P(Senders, SlowReader_HoldsNobodyUpAndLosesNothing) {
  constexpr int kDocuments = 200;
  const auto begin = sender("shipper")->submit(rubbish(0));
  ASSERT_TRUE(begin);
  const auto after = begin->receipt().body().ledger_sequence();
  const auto way = relay();
  const auto slow = sender("shipper", way.get());
  ASSERT_TRUE(slow);
  way->hold_answers(true);
  std::vector<std::uint64_t> seen;
  std::atomic<bool> end = false;
  std::thread watcher([&] {
    (void)slow->watch(after, [&](const v1::StatusEvent& event) {
      seen.push_back(event.sequence());
      return !end;
    });
  });
  const auto shipper = sender("shipper");
  std::set<std::string> documents;
  for (int number = 1; number <= kDocuments; ++number) {
    const auto reply = shipper->submit(rubbish(number));
    ASSERT_TRUE(reply) << number << " " << reply.error().text;
    documents.insert(reply->receipt().body().document_id());
  }
  settle();
  const auto all_events = [&](std::uint64_t from) {
    std::vector<std::uint64_t> told;
    std::set<std::string> open = documents;
    EXPECT_TRUE(sender("shipper")->watch(from, [&](const v1::StatusEvent& event) {
      told.push_back(event.sequence());
      if (event.state() == "rejected") open.erase(event.object_id());
      return !open.empty();
    }));
    return told;
  };
  const auto all = all_events(after);
  end = true;
  way->cut();
  watcher.join();
  ASSERT_LE(seen.size(), all.size());
  EXPECT_TRUE(std::equal(seen.begin(), seen.end(), all.begin()));
}

TEST_P(Senders, Drain_WhatWasReceiptedStaysAndNewWorkIsForLater) {
  const auto shipper = sender("shipper");
  const auto kept = shipper->submit(invoice());
  ASSERT_TRUE(kept);
  Result<void> watched;
  std::atomic<bool> watching = false;
  std::thread watcher([&] {
    const auto door = sender("shipper");
    // An event of before says that the stream stands.
    watched =
        door->watch(kept->receipt().body().ledger_sequence(), [&](const v1::StatusEvent&) { return watching = true; });
  });
  EXPECT_TRUE(eventually([&] { return watching.load(); }));
  transport_->drain();
  watcher.join();
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().kind, FaultKind::retryable) << watched.error().code;
  const auto late = shipper->submit(rubbish(1));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, FaultKind::retryable) << late.error().code;
  restart();
  expect_first_receipt_again(invoice());
  EXPECT_FALSE(sender("shipper")->submit(rubbish(1))->repeat()) << "what was refused was kept";
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, Senders, ::testing::ValuesIn(transports()),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(EveryTransport, SendersWithARate, ::testing::ValuesIn(transports()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace puente::conformance
