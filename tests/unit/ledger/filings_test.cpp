#include "gateway/ledger/lifecycle.h"
#include "gateway/ledger/packing.h"
#include "gateway/ledger/statements.h"
#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

using Filings = LedgerTest;
using Ids = std::vector<std::string>;

TEST_F(Filings, Insert_IsFoundByEveryNumber) {
  put_filing("FIL1", [](FilingRow& row) {
    row.filer_code = "ABC";
    row.entry_number = "12345678";
  });
  look([](Reader& reader) {
    EXPECT_EQ(reader.filing("FIL1").value().sha256, sha256("SE10 FIL1"));
    EXPECT_EQ(reader.filing_by_token("token-FIL1").value().id, "FIL1");
    EXPECT_EQ(reader.filing_by_reference("ref-FIL1").value().id, "FIL1");
    EXPECT_EQ(reader.filings_by_entry_number("ABC", "12345678").size(), 1U);
    EXPECT_TRUE(reader.filings_by_entry_number("XYZ", "12345678").empty());
    EXPECT_TRUE(reader.filings_by_entry_number("", "").empty());
    EXPECT_FALSE(reader.filing_by_reference(""));
    EXPECT_EQ(reader.filings_of_shipment("SHP1").size(), 1U);
  });
}

TEST_F(Filings, Draft_PutAnew_IsTheOneReadAndTheLineageStays) {
  put_filing("FIL1");
  must([](Writer& writer) { return writer.put_draft("FIL1", {std::string("\0h", 2), std::string("\0l", 2)}); });
  look([](Reader& reader) {
    EXPECT_EQ(reader.draft("FIL1").value().whole(), std::string("\0h\0l", 4));
    EXPECT_EQ(reader.draft_head("FIL1"), std::string("\0h", 2));
  });
  must([](Writer& writer) { return writer.put_draft_head("FIL1", "with its number"); });
  look([](Reader& reader) {
    EXPECT_EQ(reader.draft("FIL1").value().head, "with its number");
    EXPECT_EQ(reader.draft("FIL1").value().lineage, std::string("\0l", 2));
    EXPECT_FALSE(reader.draft("FIL2"));
    EXPECT_EQ(reader.draft_head("FIL2"), "");
  });
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.put_draft("FIL2", {"head", "lineage"}); }), "row_unknown");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.put_draft_head("FIL2", "head"); }), "row_unknown");
}

TEST_F(Filings, Insert_TakenTokenReferenceOrUnknownShipment_IsRefused) {
  put_filing("FIL1");
  const auto insert = [](const std::function<void(FilingRow&)>& change) {
    return [change](Writer& writer) {
      FilingRow row = filing_row("FIL2");
      change(row);
      return writer.insert_filing(row, {}, by("draft"));
    };
  };
  EXPECT_EQ(fault_of(insert([](FilingRow& row) { row.token = "token-FIL1"; })), "row_conflict");
  EXPECT_EQ(fault_of(insert([](FilingRow& row) { row.reference = "ref-FIL1"; })), "row_conflict");
  EXPECT_EQ(fault_of(insert([](FilingRow& row) { row.shipment = "SHP9"; })), "row_unknown");
  EXPECT_EQ(fault_of(insert([](FilingRow& row) { row.state = "confirmed"; })), "transition_refused");
  EXPECT_EQ(fault_of(insert([](FilingRow& row) { row.reference = ""; })), "");
  EXPECT_EQ(fault_of(insert([](FilingRow& row) { row.id = "FIL3", row.token = "t3", row.reference = ""; })), "");
}

TEST_F(Filings, Claim_EarliestDeadlineFirstThenOldestThenWithoutDeadline) {
  put_filing("FIL1", [](FilingRow& row) { row.deadline = 0, row.created_at = 1; });
  put_filing("FIL2", [](FilingRow& row) { row.deadline = 900; });
  put_filing("FIL3", [](FilingRow& row) { row.deadline = 500, row.created_at = 20; });
  put_filing("FIL4", [](FilingRow& row) { row.deadline = 500, row.created_at = 10; });
  put_filing("FIL5", [](FilingRow& row) { row.filer = "OTHER"; });
  put_filing("FIL6", [](FilingRow& row) { row.state = "held"; });
  EXPECT_EQ(claim_ids("BROKER", 100, 3), (Ids{"FIL4", "FIL3", "FIL2"}));
  EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL1"});
  EXPECT_EQ(claim_ids("OTHER", 100), Ids{"FIL5"});
  EXPECT_TRUE(claim_ids("BROKER", 100).empty());
}

TEST_F(Filings, Claim_GivesLeaseAttemptAndEvent) {
  put_filing("FIL1");
  must([](Writer& writer) -> Result<void> {
    const std::vector<FilingRow> rows = writer.claim("BROKER", "spool", "gateway-7", 100, 160, 1).value();
    EXPECT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.at(0).state, "offered");
    EXPECT_EQ(rows.at(0).lease_owner, "gateway-7");
    EXPECT_EQ(rows.at(0).lease_until, 160);
    EXPECT_EQ(rows.at(0).attempts, 1U);
    EXPECT_FALSE(rows.at(0).possible_duplicate);
    EXPECT_FALSE(rows.at(0).lease_id.empty());
    return {};
  });
  look([](Reader& reader) {
    const std::vector<AttemptRow> attempts = reader.attempts("FIL1");
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_EQ(attempts[0].channel, "spool");
    EXPECT_EQ(attempts[0].outcome, "offered");
    EXPECT_EQ(attempts[0].ended_at, 0);
    const EventRow event = reader.events_of("FIL1").back();
    EXPECT_EQ(event.verb, "deliver");
    EXPECT_EQ(event.from_state, "ready");
    EXPECT_EQ(event.to_state, "offered");
    EXPECT_EQ(event.partner, "SHIPPER");  // its sender sees it
  });
}

TEST_F(Filings, Claim_LeaseOver_IsOfferedAgainWithTheMark) {
  put_filing("FIL1");
  EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL1"});
  const std::string first_lease = filing("FIL1").lease_id;
  EXPECT_TRUE(expire_ids(100 + kLease - 1).empty());
  EXPECT_EQ(expire_ids(100 + kLease, 5), Ids{"FIL1"});
  EXPECT_EQ(filing("FIL1").state, "in_doubt");
  EXPECT_TRUE(claim_ids("BROKER", 100 + kLease + 4).empty()) << "waits as it was told to";
  EXPECT_EQ(claim_ids("BROKER", 100 + kLease + 5), Ids{"FIL1"});
  const FilingRow row = filing("FIL1");
  EXPECT_TRUE(row.possible_duplicate);
  EXPECT_EQ(row.attempts, 2U);
  EXPECT_NE(row.lease_id, first_lease);
  EXPECT_EQ(row.token, "token-FIL1");
  look([](Reader& reader) {
    const std::vector<AttemptRow> attempts = reader.attempts("FIL1");
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0].outcome, "lease_expired");
    EXPECT_EQ(attempts[0].ended_at, 100 + kLease);
    EXPECT_EQ(attempts[1].outcome, "offered");
  });
  EXPECT_EQ(fault_of([&](Writer& writer) { return writer.end_attempt("FIL1", first_lease, "confirmed", "", 200); }),
            "lease_unknown");
}

TEST_F(Filings, Claim_HonoursNotBefore) {
  put_filing("FIL1", [](FilingRow& row) { row.not_before = 500; });
  EXPECT_TRUE(claim_ids("BROKER", 499).empty());
  EXPECT_EQ(claim_ids("BROKER", 500), Ids{"FIL1"});
}

TEST_F(Filings, Claim_OnlyTheNewestRevisionAndTheOlderIsReplaced) {
  const auto revision = [](std::uint32_t number) {
    return [number](FilingRow& row) { row.importer = "I", row.revision = number; };
  };
  put_filing("FIL1", revision(1));
  put_filing("FIL2", revision(2));
  put_filing("FIL3", [](FilingRow& row) { row.importer = "I", row.kind = "ae"; });
  EXPECT_EQ(claim_ids("BROKER", 100), (Ids{"FIL2", "FIL3"}));
  EXPECT_EQ(filing("FIL1").state, "replaced");
  EXPECT_EQ(filing("FIL1").attempts, 0U);
}

TEST_F(Filings, Claim_WaitsWhileAnOlderRevisionIsInFlightOrInDoubt) {
  const auto revision = [](std::uint32_t number) {
    return [number](FilingRow& row) { row.importer = "I", row.revision = number; };
  };
  put_filing("FIL1", revision(1));
  EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL1"});
  put_filing("FIL2", revision(2));
  EXPECT_TRUE(claim_ids("BROKER", 110).empty());
  EXPECT_EQ(expire_ids(100 + kLease), Ids{"FIL1"});
  EXPECT_EQ(claim_ids("BROKER", 100 + kLease), Ids{"FIL1"}) << "the token in doubt first";
  EXPECT_EQ(filing("FIL2").state, "ready");
  must([](Writer& writer) {
    FilingRow row = writer.filing("FIL1").value();
    row.state = "refused";
    return writer.update_filing(row, by("deliver", 180));
  });
  EXPECT_EQ(claim_ids("BROKER", 181), Ids{"FIL2"});
  EXPECT_EQ(filing("FIL1").state, "replaced");
  look([](Reader& reader) { EXPECT_EQ(reader.attempts("FIL1").at(0).outcome, "lease_expired"); });
  EXPECT_TRUE(ledger_->verify().value().intact);
}

// A dead letter that was never answered is in doubt as much: what is newer waits until a person or the filer acts. One
// that the filer put off is not.
TEST_F(Filings, Claim_WaitsBehindADeadLetterThatWasNeverAnswered) {
  for (const std::string& cause : Ids{std::string(kUnanswered), "FILING_PUT_OFF"}) {
    const std::string importer = "I-" + cause;
    put_filing("FIL1" + cause, [&](FilingRow& row) { row.importer = importer; });
    EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL1" + cause});
    must([&](Writer& writer) {
      FilingRow row = writer.filing("FIL1" + cause).value();
      row.state = "in_doubt";
      if (auto doubted = writer.update_filing(row, by("deliver", 110)); !doubted) return doubted;
      row.state = "dead_letter";
      row.cause = cause;
      return writer.update_filing(row, by("deliver", 110));
    });
    put_filing("FIL2" + cause, [&](FilingRow& row) { row.importer = importer, row.revision = 2; });
    EXPECT_EQ(claim_ids("BROKER", 120), cause == kUnanswered ? Ids{} : Ids{"FIL2" + cause});
    EXPECT_EQ(filing("FIL1" + cause).state, cause == kUnanswered ? "dead_letter" : "replaced");
  }
}

// However many wait: a claim walks the index in the order of offering and stops at its limit.
TEST_F(Filings, Claim_ReadsFromTheIndexInOrder) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open_v2(file().c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  sqlite3_stmt* plan = nullptr;
  const std::string query = "EXPLAIN QUERY PLAN " + sql(Statement::filings_due);
  ASSERT_EQ(sqlite3_prepare_v2(database, query.c_str(), -1, &plan, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  std::string told;
  while (sqlite3_step(plan) == SQLITE_ROW)
    told += std::string(reinterpret_cast<const char*>(sqlite3_column_text(plan, 3))) + "\n";
  sqlite3_finalize(plan);
  sqlite3_close(database);
  EXPECT_NE(told.find("USING INDEX filings_due"), std::string::npos) << told;
  EXPECT_EQ(told.find("TEMP B-TREE"), std::string::npos) << told;
}

TEST_F(Filings, DueSince_BeginsWhenReadyAndNotWithEachOffer) {
  put_filing("FIL1", [](FilingRow& row) { row.created_at = 1000; });
  EXPECT_EQ(filing("FIL1").due_since, 1000);
  claim_ids("BROKER", 1100);
  expire_ids(1200);
  EXPECT_EQ(filing("FIL1").due_since, 1000);
  const auto move = [this](std::string_view verb, std::string_view state, Micros at) {
    must([&](Writer& writer) {
      FilingRow row = writer.filing("FIL1").value();
      row.state = state;
      return writer.update_filing(row, by(std::string(verb), at));
    });
  };
  move("deliver", "ready", 1300);
  EXPECT_EQ(filing("FIL1").due_since, 1000);
  move("deliver", "refused", 1400);
  move("deliver", "ready", 1500);
  EXPECT_EQ(filing("FIL1").due_since, 1500);
}

TEST_F(Filings, GivenUp_AreThosePastDeadlineAndSinceLongReady) {
  put_filing("FIL1", [](FilingRow& row) { row.created_at = 10, row.deadline = 500; });
  put_filing("FIL2", [](FilingRow& row) { row.created_at = 20; });
  put_filing("FIL3", [](FilingRow& row) { row.created_at = 900, row.deadline = 100; });
  const auto ids = [this](Micros before) {
    Ids found;
    look([&](Reader& reader) {
      for (const auto& row : reader.given_up(before, 10)) found.push_back(row.id);
    });
    return found;
  };
  EXPECT_EQ(ids(19), Ids{});
  EXPECT_EQ(ids(499), Ids{"FIL2"});
  EXPECT_EQ(ids(500), (Ids{"FIL2", "FIL1"}));
  EXPECT_EQ(ids(900), (Ids{"FIL2", "FIL3", "FIL1"}));
}

TEST_F(Filings, Channel_PausedIsAnExceptionAndFollowsTheLifecycle) {
  const auto put = [](std::string state, Micros at) {
    return [=](Writer& writer) {
      return writer.put_channel({"BROKER", state, state == "paused" ? "CHANNEL_PAUSED" : "", "OPS", "night", at},
                                by("admin", at));
    };
  };
  EXPECT_EQ(fault_of(put("open", 100)), "transition_refused");
  must(put("paused", 100));
  reopen();
  look([](Reader& reader) {
    EXPECT_EQ(reader.channel("BROKER").value().by, "OPS");
    const auto rows = reader.exceptions(200, 10);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].object, "channel");
    EXPECT_EQ(rows[0].cause, "CHANNEL_PAUSED");
    EXPECT_EQ(rows[0].owner, "ops");
    EXPECT_EQ(rows[0].since, 100);
  });
  must(put("open", 200));
  look([](Reader& reader) { EXPECT_TRUE(reader.exceptions(200, 10).empty()); });
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Filings, Claim_AfterTheOlderWasConfirmed_OffersTheNewerAndLeavesTheOlder) {
  const auto revision = [](std::uint32_t number) {
    return [number](FilingRow& row) { row.importer = "I", row.revision = number; };
  };
  put_filing("FIL1", revision(1));
  EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL1"});
  put_filing("FIL2", revision(2));
  must([](Writer& writer) {
    FilingRow row = writer.filing("FIL1").value();
    EXPECT_TRUE(writer.end_attempt(row.id, row.lease_id, "confirmed", "", 105));
    row = writer.filing("FIL1").value();
    row.state = "confirmed";
    return writer.update_filing(row, by("deliver", 105));
  });
  EXPECT_EQ(claim_ids("BROKER", 106), Ids{"FIL2"});
  EXPECT_EQ(filing("FIL1").state, "confirmed");
}

TEST_F(Filings, Claim_NewestIsHeld_OffersNothing) {
  put_filing("FIL1", [](FilingRow& row) { row.importer = "I"; });
  put_filing("FIL2", [](FilingRow& row) { row.importer = "I", row.revision = 2, row.state = "held"; });
  EXPECT_TRUE(claim_ids("BROKER", 100).empty());
}

TEST_F(Filings, Claim_EqualRevisionsOfMergedShipments_OffersOne) {
  put_filing("FIL1", [](FilingRow& row) { row.importer = "I", row.shipment = "SHP1"; });
  put_filing("FIL2", [](FilingRow& row) { row.importer = "I", row.shipment = "SHP2", row.created_at = 2000; });
  must([](Writer& writer) { return writer.merge_shipments("SHP1", "SHP2", by("join")); });
  EXPECT_EQ(claim_ids("BROKER", 3000), Ids{"FIL2"});
  EXPECT_EQ(filing("FIL1").state, "replaced");
}

TEST_F(Filings, Claim_DamagedRecords_AreHeldAndOthersGoOut) {
  put_filing("FIL1", [](FilingRow& row) { row.deadline = 1; });
  put_filing("FIL2");
  tamper("UPDATE filings SET records = x'00' WHERE id = 'FIL1'");
  open();
  EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL2"});
  EXPECT_EQ(filing("FIL1").state, "held");
  EXPECT_EQ(filing("FIL1").cause, "RECORDS_DAMAGED");
}

TEST_F(Filings, EndAttempt_ReleasesTheLeaseAndTheFilingIsDueAgain) {
  put_filing("FIL1");
  claim_ids("BROKER", 100);
  const std::string lease = filing("FIL1").lease_id;
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.end_attempt("FIL1", "", "released", "", 110); }),
            "lease_unknown");
  EXPECT_EQ(fault_of([](Writer& writer) { return writer.end_attempt("FIL9", "x", "released", "", 110); }),
            "row_unknown");
  must([&](Writer& writer) { return writer.end_attempt("FIL1", lease, "connection_lost", "reset by peer", 110); });
  EXPECT_EQ(fault_of([&](Writer& writer) { return writer.end_attempt("FIL1", lease, "released", "", 111); }),
            "lease_unknown");
  look([](Reader& reader) {
    const AttemptRow attempt = reader.attempts("FIL1").at(0);
    EXPECT_EQ(attempt.outcome, "connection_lost");
    EXPECT_EQ(attempt.detail, "reset by peer");
    EXPECT_EQ(attempt.ended_at, 110);
  });
  EXPECT_EQ(expire_ids(112), Ids{"FIL1"});
  EXPECT_EQ(claim_ids("BROKER", 112), Ids{"FIL1"});
  EXPECT_TRUE(filing("FIL1").possible_duplicate);
}

TEST_F(Filings, Update_LeavingOffered_EndsTheLease) {
  put_filing("FIL1");
  claim_ids("BROKER", 100);
  must([](Writer& writer) {
    FilingRow row = writer.filing("FIL1").value();
    row.state = "confirmed";
    row.entry_number = "12345678";
    row.records = "rebuilt";
    row.changed_at = 120;
    return writer.update_filing(row, by("deliver"));
  });
  const FilingRow row = filing("FIL1");
  EXPECT_EQ(row.lease_id, "");
  EXPECT_EQ(row.lease_until, 0);
  EXPECT_EQ(row.sha256, sha256("rebuilt"));
  EXPECT_EQ(row.state_since, 120);
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Filings, Update_WhatTheFilerHasSeen_IsRefused) {
  put_filing("FIL1");
  const auto with = [](const std::function<void(FilingRow&)>& change) {
    return [change](Writer& writer) {
      FilingRow row = writer.filing("FIL1").value();
      change(row);
      return writer.update_filing(row, by("draft"));
    };
  };
  EXPECT_EQ(fault_of(with([](FilingRow& row) { row.token = "another before the first offer"; })), "");
  EXPECT_EQ(fault_of(with([](FilingRow& row) { row.shipment = "SHP9"; })), "filing_identity_changed");
  claim_ids("BROKER", 100);
  for (const auto& change : std::vector<std::function<void(FilingRow&)>>{
           [](FilingRow& row) { row.token = "x"; }, [](FilingRow& row) { row.filer = "x"; },
           [](FilingRow& row) { row.importer = "x"; }, [](FilingRow& row) { row.kind = "x"; },
           [](FilingRow& row) { row.revision = 9; }}) {
    EXPECT_EQ(fault_of(with(change)), "filing_identity_changed");
  }
  EXPECT_EQ(fault_of(with([](FilingRow& row) { row.state = "replaced"; })), "transition_refused");
  EXPECT_EQ(fault_of([](Writer& writer) {
              FilingRow row = writer.filing("FIL1").value();
              row.records = "silently other";
              return writer.update_filing(row, {});
            }),
            "event_missing");
}

TEST_F(Filings, NextDue_IsTheEarliestInTheFuture) {
  put_filing("FIL1", [](FilingRow& row) { row.not_before = 500; });
  put_filing("FIL2");
  put_filing("FIL3", [](FilingRow& row) { row.not_before = 50, row.filer = "OTHER"; });
  look([](Reader& reader) { EXPECT_EQ(reader.next_due("BROKER", 100), 500); });
  EXPECT_EQ(claim_ids("BROKER", 100), Ids{"FIL2"});
  look([](Reader& reader) {
    EXPECT_EQ(reader.next_due("BROKER", 100), 500);
    EXPECT_EQ(reader.next_due("BROKER", 500), 0);
    EXPECT_EQ(reader.next_due("NOBODY", 0), 0);
  });
}

TEST_F(Filings, Exceptions_NameDeadlinesThatAreNear) {
  put_filing("FIL1", [](FilingRow& row) { row.deadline = 2 * kDeadlineNear; });
  look([](Reader& reader) {
    EXPECT_EQ(reader.exceptions(kDeadlineNear - 1, 10).size(), 1U) << "the shipment alone";
    const auto rows = reader.exceptions(kDeadlineNear, 10);
    ASSERT_EQ(rows.size(), 2U);
    const auto& near = rows[0].object == "filing" ? rows[0] : rows[1];
    EXPECT_EQ(near.cause, "DEADLINE_NEAR");
    EXPECT_EQ(near.since, kDeadlineNear);
  });
}

TEST_F(Filings, Exceptions_NameStateOwnerCauseAndAgeOldestFirst) {
  put_shipment("SHP1");
  put_document("DOC1");
  put_document("DOC2");
  put_filing("FIL1", [](FilingRow& row) { row.deadline = 150; });
  put_filing("FIL2", [](FilingRow& row) { row.state = "held", row.cause = "ORIGIN_UNKNOWN", row.created_at = 300; });
  put_filing("FIL3", [](FilingRow& row) { row.cause = "FILER_UNKNOWN", row.created_at = 400; });
  must([](Writer& writer) {
    return writer.move_document("DOC1", "quarantined", "", "READING_FAILED", by("read", 700));
  });
  must([](Writer& writer) { return writer.move_document("DOC2", "rejected", "", "CFDI40102", by("read", 700)); });
  look([](Reader& reader) {
    const std::vector<ExceptionRow> rows = reader.exceptions(200, 10);
    ASSERT_EQ(rows.size(), 5U);
    EXPECT_EQ(rows[0].object_id, "FIL1");
    EXPECT_EQ(rows[0].cause, "DEADLINE_PASSED");
    EXPECT_EQ(rows[0].since, 150);
    EXPECT_EQ(rows[1].object_id, "FIL2");
    EXPECT_EQ(rows[1].owner, "sender");
    EXPECT_EQ(rows[1].since, 300);
    EXPECT_EQ(rows[2].object_id, "FIL3");
    EXPECT_EQ(rows[2].owner, "ops");
    EXPECT_EQ(rows[3].object_id, "DOC1");
    EXPECT_EQ(rows[3].owner, "ops");
    EXPECT_EQ(rows[4].object_id, "SHP1");
    EXPECT_EQ(rows[4].state, "gathering");
    EXPECT_EQ(reader.exceptions(100, 10).size(), 5U);  // the deadline is near
    EXPECT_EQ(reader.exceptions(150 - kDeadlineNear - 1, 10).size(), 4U);
    EXPECT_EQ(reader.exceptions(200, 2).size(), 2U);
  });
}

}  // namespace
}  // namespace puente::ledger
