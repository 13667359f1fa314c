#include "gateway/ledger/packing.h"
#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

using Documents = LedgerTest;

TEST_F(Documents, Insert_ThenRead_GivesEveryColumnBack) {
  DocumentRow row = document_row("DOC1");
  row.folio_fiscal = "AAAA-1";
  row.client_ref = "ref\0with zero";
  row.receipt = std::string("\0\1\2", 3);
  row.report = std::string("\xFF\0", 2);
  const std::string body(20'000, 'x');
  must([&](Writer& writer) { return writer.insert_document(row, body, by("accept", 1234)); });
  EXPECT_EQ(row.sequence, 1U);
  EXPECT_EQ(row.sha256, sha256(body));
  look([&](Reader& reader) {
    const DocumentRow found = reader.document("DOC1").value();
    EXPECT_EQ(found.sequence, 1U);
    EXPECT_EQ(found.folio_fiscal, row.folio_fiscal);
    EXPECT_EQ(found.client_ref, row.client_ref);
    EXPECT_EQ(found.receipt, row.receipt);
    EXPECT_EQ(found.report, row.report);
    EXPECT_EQ(found.sha256, row.sha256);
    EXPECT_EQ(found.received_at, 1000);
    EXPECT_EQ(found.state_since, 1234);
    EXPECT_EQ(reader.document_by_identity("cfdi:DOC1").value().id, "DOC1");
    EXPECT_EQ(reader.body("DOC1").value(), body);
    EXPECT_FALSE(reader.document("DOC2"));
    EXPECT_FALSE(reader.document_by_identity("cfdi:DOC2"));
    EXPECT_FALSE(reader.body("DOC2"));
    const std::vector<EventRow> events = reader.events_of("DOC1");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].verb, "accept");
    EXPECT_EQ(events[0].to_state, "received");
    EXPECT_EQ(events[0].at, 1234);
    EXPECT_EQ(events[0].digest, row.sha256);
  });
}

TEST_F(Documents, Body_EmptyAndIncompressible_ComeBackUnchanged) {
  std::string noise;
  std::uint32_t state = 7;
  for (int i = 0; i < 5000; ++i) noise.push_back(static_cast<char>((state = state * 1664525 + 1013904223) >> 24));
  put_document("DOC1", "");
  put_document("DOC2", noise);
  look([&](Reader& reader) {
    EXPECT_EQ(reader.body("DOC1").value(), "");
    EXPECT_EQ(reader.body("DOC2").value(), noise);
  });
}

TEST_F(Documents, Insert_SameIdentityOrId_IsRefusedAndLeavesTheFirst) {
  put_document("DOC1", "first");
  EXPECT_EQ(fault_of([](Writer& writer) {
              DocumentRow row = document_row("DOC2");
              row.identity = "cfdi:DOC1";
              return writer.insert_document(row, "second", by("accept"));
            }),
            "identity_taken");
  EXPECT_EQ(fault_of([](Writer& writer) {
              DocumentRow row = document_row("DOC1");
              row.identity = "cfdi:other";
              return writer.insert_document(row, "second", by("accept"));
            }),
            "row_conflict");
  look([](Reader& reader) {
    EXPECT_EQ(reader.body("DOC1").value(), "first");
    EXPECT_EQ(reader.last_sequence(), 1U);
  });
}

TEST_F(Documents, Insert_WithADigestOfOtherBytes_IsRefused) {
  EXPECT_EQ(fault_of([](Writer& writer) {
              DocumentRow row = document_row("DOC1");
              row.sha256 = sha256("other");
              return writer.insert_document(row, "these", by("accept"));
            }),
            "digest_mismatch");
}

TEST_F(Documents, Insert_InAStateThatIsNotTheFirst_IsRefused) {
  EXPECT_EQ(fault_of([](Writer& writer) {
              DocumentRow row = document_row("DOC1");
              row.state = "joined";
              return writer.insert_document(row, "x", by("accept"));
            }),
            "transition_refused");
}

TEST_F(Documents, Move_FollowsTheLifecycleAndKeepsTheReport) {
  put_document("DOC1");
  must([](Writer& writer) { return writer.move_document("DOC1", "read", "report", "", by("read", 2000)); });
  must([](Writer& writer) { return writer.move_document("DOC1", "joined", "", "", by("join", 3000)); });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.move_document("DOC1", "received", "", "", by("read")); }),
            "transition_refused");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.move_document("DOC1", "superseded", "", "", {}); }),
            "event_missing");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.move_document("DOC9", "read", "", "", by("read")); }),
            "row_unknown");
  look([](Reader& reader) {
    const DocumentRow row = reader.document("DOC1").value();
    EXPECT_EQ(row.state, "joined");
    EXPECT_EQ(row.report, "report");
    EXPECT_EQ(row.state_since, 3000);
    const std::vector<EventRow> events = reader.events_of("DOC1");
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[2].from_state, "read");
    EXPECT_EQ(events[2].to_state, "joined");
    EXPECT_EQ(reader.last_sequence(), 3U);
  });
}

TEST_F(Documents, Move_WithoutATime_TakesTheClock) {
  put_document("DOC1");
  must([](Writer& writer) { return writer.move_document("DOC1", "read", "", "", by("read")); });
  look([](Reader& reader) { EXPECT_EQ(reader.events_of("DOC1").back().at, 999); });
}

TEST_F(Documents, CountTry_CountsUp) {
  put_document("DOC1");
  for (std::uint32_t expected = 1; expected <= 3; ++expected) {
    must([expected](Writer& writer) -> Result<void> {
      EXPECT_EQ(writer.count_try("DOC1").value(), expected);
      return {};
    });
  }
  EXPECT_EQ(fault_of([](Writer& writer) -> Result<void> {
              const Result<std::uint32_t> tries = writer.count_try("DOC9");
              return tries ? Result<void>() : tl::unexpected(tries.error());
            }),
            "row_unknown");
}

TEST_F(Documents, InState_AreTheOldestFirstWithinTheLimit) {
  for (const char* id : {"DOC3", "DOC1", "DOC2"}) put_document(id);
  must([](Writer& writer) { return writer.move_document("DOC1", "read", "", "", by("read")); });
  look([](Reader& reader) {
    const std::vector<DocumentRow> rows = reader.documents_in_state("received", 10);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].id, "DOC3");
    EXPECT_EQ(rows[1].id, "DOC2");
    EXPECT_EQ(reader.documents_in_state("received", 1).size(), 1U);
  });
}

TEST_F(Documents, Events_ArePagedAndScopedByPartner) {
  put_document("DOC1");
  must([](Writer& writer) {
    DocumentRow row = document_row("DOC2");
    return writer.insert_document(row, "x", {"accept", "OTHER", "", 1});
  });
  put_document("DOC3");
  look([](Reader& reader) {
    EXPECT_EQ(reader.events_after(0, 2).size(), 2U);
    EXPECT_EQ(reader.events_after(2, 10).at(0).object_id, "DOC3");
    EXPECT_TRUE(reader.events_after(3, 10).empty());
    const std::vector<EventRow> mine = reader.events_of_partner("SHIPPER", 1, 10);
    ASSERT_EQ(mine.size(), 1U);
    EXPECT_EQ(mine[0].object_id, "DOC3");
  });
}

}  // namespace
}  // namespace puente::ledger
