#include "gateway/ledger/verifying.h"

#include <array>

#include "gateway/ledger/chain.h"
#include "gateway/ledger/reading.h"

namespace puente::ledger {
namespace {

constexpr std::size_t kEventPage = 2000;
constexpr std::size_t kBodyPage = 100;

void report_break(VerifyReport& report, std::string text, std::uint64_t sequence = 0) {
  if (!report.intact) return;
  report.intact = false;
  report.text = std::move(text);
  report.break_sequence = sequence;
}

std::string event_name(std::uint64_t sequence) { return "event " + std::to_string(sequence); }

// The last event that follows from the first without a break.
Head walk_chain(Session& session, VerifyReport& report) {
  Reading<Reader> reader(session);
  Head head{0, kFirstHash};
  std::uint64_t after = 0;
  bool first = true;
  for (;;) {
    const std::vector<EventRow> page = reader.events_after(after, kEventPage);
    for (const EventRow& event : page) {
      const std::uint64_t expected = head.sequence + 1;
      if (first && event.sequence < 1) report_break(report, "an event before the first", event.sequence);
      first = false;
      if (event.sequence != expected) {
        report_break(report, event_name(expected) + " is missing; the next one there is " + event_name(event.sequence),
                     expected);
        return head;
      }
      if (event.hash != chain_hash(head.hash, event)) {
        report_break(report,
                     event_name(expected) + " is not the one that was written: its hash does not follow from " +
                         event_name(head.sequence),
                     expected);
        return head;
      }
      head = {event.sequence, event.hash};
      ++report.events;
    }
    if (page.size() < kEventPage) return head;
    after = page.back().sequence;
  }
}

void check_head(Session& session, const Head& walked, VerifyReport& report) {
  const Head kept = read_head(session);
  if (kept.sequence > walked.sequence) {
    report_break(report,
                 event_name(walked.sequence + 1) + " and what follows are missing: the ledger had written " +
                     event_name(kept.sequence),
                 walked.sequence + 1);
  } else if (kept.sequence < walked.sequence) {
    report_break(
        report,
        event_name(kept.sequence + 1) + " was not written by the ledger: its last one was " + event_name(kept.sequence),
        kept.sequence + 1);
  } else if (kept.hash != walked.hash) {
    report_break(report, event_name(walked.sequence) + " is not the one that was written last", walked.sequence);
  }
}

void check_bodies(Session& session, VerifyReport& report) {
  std::string after;
  for (bool more = true; more;) {
    std::size_t seen = 0;
    session.run(Statement::bodies_after, {std::string(after), kBodyPage}, [&](const RowView& row) {
      ++seen;
      after = row.chars(0);
      if (!unpack(packed_body(row, 1))) {
        report_break(report, "document " + after + ": its stored bytes are not those that were received");
      }
    });
    more = seen == kBodyPage;
  }
}

void check_records(Session& session, VerifyReport& report) {
  std::string after;
  for (bool more = true; more;) {
    std::size_t seen = 0;
    session.run(Statement::filings_after, {std::string(after), kBodyPage}, [&](const RowView& row) {
      ++seen;
      after = row.chars(0);
      if (sha256(row.chars(1)) != row.chars(2)) {
        report_break(report, "filing " + after + ": its records are not what their digest says");
      }
    });
    more = seen == kBodyPage;
  }
}

struct CrossCheck {
  Statement statement;
  std::string_view object, broken;
};

// Each statement gives the first row that breaks the rule.
constexpr auto kCrossChecks = std::to_array<CrossCheck>({
    {Statement::odd_event_succession, "event", "does not begin in the state where the object's event before it ended"},
    {Statement::odd_document_event, "document", "has no accept event that vouches for its digest"},
    {Statement::odd_document_body, "document", "has no stored bytes"},
    {Statement::odd_document_state, "document", "is in another state than its last event says"},
    {Statement::odd_shipment_state, "shipment", "is in another state than its last event says"},
    {Statement::odd_filing_state, "filing", "is in another state than its last event says"},
    {Statement::odd_channel_state, "channel", "is in another state than its last event says"},
    {Statement::odd_filing_draft, "filing", "has no draft event, or records that its last event does not vouch for"},
    {Statement::odd_answer_document, "document", "brought an answer that no event records"},
});

}  // namespace

VerifyReport verify(Session& session) {
  VerifyReport report;
  check_head(session, walk_chain(session, report), report);
  session.run(Statement::count_documents, {},
              [&](const RowView& row) { report.documents = static_cast<std::uint64_t>(row.number(0)); });
  for (const CrossCheck& check : kCrossChecks) {
    for (const std::string& id : session.texts(check.statement, {})) {
      report_break(report, std::string(check.object) + " " + id + " " + std::string(check.broken));
    }
  }
  check_bodies(session, report);
  check_records(session, report);
  if (report.intact) {
    report.text =
        std::to_string(report.events) + " events and " + std::to_string(report.documents) + " documents are intact";
  }
  return report;
}

}  // namespace puente::ledger
