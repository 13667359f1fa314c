#include "gateway/delivery/sweep.h"

#include <algorithm>
#include <set>
#include <string>

#include "gateway/flow/entry_filing.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::delivery {
namespace {

using ledger::FilingRow;

constexpr std::string_view kVerb = "deliver";
constexpr std::size_t kPerWrite = 512;

// What is known of a filing that was not delivered.
std::string_view cause_of(ledger::Reader& reader, const FilingRow& row) {
  if (row.state == "in_doubt") return ledger::kUnanswered;
  const auto attempts = reader.attempts(row.id);
  if (attempts.empty()) return kNeverTaken;
  return attempts.back().outcome == "refused" ? kPutOff : ledger::kUnanswered;
}

Result<void> give_up(ledger::Writer& writer, FilingRow row, ledger::Micros now) {
  row.changed_at = now;
  if (row.cause == flow::kRedelivered) {
    // Its filer had confirmed it before: that stands.
    row.cause.clear();
    row.not_before = 0;
    row.state = "confirmed";
    return writer.update_filing(row, {std::string(kVerb), row.filer, "the redelivery was not answered"});
  }
  row.cause = cause_of(writer, row);
  row.state = "dead_letter";
  if (auto said = flow::add_finding(writer, row.id, make_finding(row.cause, {{"times", std::to_string(row.attempts)}}));
      !said)
    return said;
  if (auto moved = writer.update_filing(row, {std::string(kVerb), row.filer, row.cause}); !moved) return moved;
  return flow::settle_shipment(writer, row.shipment, kVerb, "", now);
}

}  // namespace

Sweep swept(ledger::Ledger& ledger, const DeliveryOptions& options, ledger::Micros now) {
  Sweep sweep;
  const auto before = now - std::chrono::microseconds(options.give_up).count();
  for (;;) {
    bool over = false, late = false;
    (void)ledger.read([&](ledger::Reader& reader) -> Result<void> {
      over = !reader.leases_over(now, 1).empty();
      late = !reader.given_up(before, 1).empty();
      return {};
    });
    if (!over && !late) return sweep;
    std::vector<FilingRow> expired;
    std::size_t given_up = 0;
    const auto committed = ledger.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
      auto rows = writer.expire_leases(now, kPerWrite, [&](const FilingRow& row) {
        return now + wait_after(options.filing, row.attempts, row.token);
      });
      if (!rows) return tl::unexpected(rows.error());
      expired = std::move(*rows);
      auto letters = writer.given_up(before, kPerWrite);
      given_up = letters.size();
      for (auto& row : letters)
        if (auto done = give_up(writer, std::move(row), now); !done) return done;
      return {};
    });
    if (!committed) return sweep;
    sweep.given_up += given_up;
    sweep.expired.insert(sweep.expired.end(), std::make_move_iterator(expired.begin()),
                         std::make_move_iterator(expired.end()));
    if (expired.size() < kPerWrite && given_up < kPerWrite) return sweep;
  }
}

bool is_filer(const partners::Registry& registry, std::string_view partner) {
  const auto* found = registry.by_id(partner);
  return found != nullptr && found->roles.contains(partners::Role::filer);
}

void mark_unknown_filers(ledger::Ledger& ledger, const partners::Registry& registry, ledger::Micros now) {
  std::vector<FilingRow> rows;
  (void)ledger.read([&](ledger::Reader& reader) -> Result<void> {
    std::set<std::string> unknown;
    for (const auto& figure : reader.filer_figures())
      if ((figure.state == "ready" || figure.state == "in_doubt") && !is_filer(registry, figure.filer))
        unknown.insert(figure.filer);
    for (const auto& filer : unknown)
      for (auto& row : reader.offerable(filer, kPerWrite)) rows.push_back(std::move(row));
    for (auto& row : reader.offerable_with_cause(ledger::kFilerUnknown, kPerWrite))
      if (is_filer(registry, row.filer)) rows.push_back(std::move(row));
    return {};
  });
  if (rows.empty()) return;
  (void)ledger.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    for (const auto& seen : rows) {
      auto row = writer.filing(seen.id);
      if (!row || row->state != seen.state || row->cause != seen.cause) continue;
      row->cause = row->cause.empty() ? ledger::kFilerUnknown : std::string_view();
      row->changed_at = now;
      const std::string text = row->cause.empty() ? "the filer is known again" : row->cause;
      if (auto marked = writer.update_filing(*row, {std::string(kVerb), row->filer, text}); !marked) return marked;
    }
    return {};
  });
}

}  // namespace puente::delivery
