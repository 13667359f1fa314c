#include "gateway/flow/on_file.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "gateway/flow/entry_filing.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::flow {

using ledger::FilingRow;

namespace {

void sort(Chain& chain) {
  std::sort(chain.begin(), chain.end(), [](const FilingRow& a, const FilingRow& b) {
    return std::tie(a.revision, a.created_at, a.id) < std::tie(b.revision, b.created_at, b.id);
  });
}

}  // namespace

Chain chain_of(ledger::Reader& reader, std::string_view shipment_id, std::string_view importer, std::string_view kind) {
  Chain chain;
  for (auto& row : reader.filings_of_shipment(shipment_id))
    if (row.importer == importer && row.kind == kind) chain.push_back(std::move(row));
  sort(chain);
  return chain;
}

bool over(const FilingRow& row) { return row.state == "replaced" || row.state == "cancelled"; }
bool waiting(const FilingRow& row) {
  return row.state == "held" || row.state == "ready" || row.state == "refused" ||
         (row.state == "dead_letter" && row.cause != ledger::kUnanswered);
}
bool in_flight(const FilingRow& row) {
  return row.state == "offered" || row.state == "in_doubt" ||
         (row.state == "dead_letter" && row.cause == ledger::kUnanswered);
}
bool taken(const FilingRow& row) {
  return row.state == "confirmed" || row.state == "accepted" || row.state == "released";
}

bool reached(const FilingRow& row) {
  return taken(row) || row.cause == kConfirmedLate || row.cause == kFiledBefore || row.cause == kRedelivered;
}

bool with_filer(const FilingRow& row) {
  return !over(row) && row.attempts > 0 && row.state != "rejected" && row.state != "refused" &&
         (row.state != "dead_letter" || row.cause == ledger::kUnanswered);
}

bool on_file(const Chain& chain) {
  bool on = false;
  for (const auto& row : chain)
    if (reached(row)) on = row.action != "D";
  return on;
}

bool given_away(ledger::Reader& reader, std::string_view shipment_id) {
  std::map<std::pair<std::string, std::string>, Chain> chains;
  for (auto& row : reader.filings_of_shipment(shipment_id)) chains[{row.importer, row.kind}].push_back(std::move(row));
  return std::any_of(chains.begin(), chains.end(), [](auto& keyed) {
    Chain& chain = keyed.second;
    sort(chain);
    // What waits marked as a possible duplicate follows a revision that the filer may have filed.
    return on_file(chain) || std::any_of(chain.begin(), chain.end(), [](const FilingRow& row) {
             const bool follows = row.possible_duplicate && (row.state == "held" || row.state == "ready");
             return row.action != "D" && (with_filer(row) || follows);
           });
  });
}

}  // namespace puente::flow
