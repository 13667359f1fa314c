// The senders' side of a load run: every connection hands over its carrier's documents and goes on until each has a
// receipt or a finding, through restarts of the gateway. One JSON line a reply:
//   {"at":us,"carrier":..,"ref":..,"act":"first|again|repeat|conflict","sha256":hex of the bytes sent,"kind":..,
//    "repeat":bool,"document_id":..,"sequence":n,"receipt_sha256":hex,"receipt_b64":serialized
//    Receipt,"findings":[codes], "latency_us":n,"transport":..}
// first: sent for the first time; again: sent before and not answered; repeat: the same bytes once more, after their
// receipt; conflict: other bytes of the same identity. Without a receipt its fields are empty and 0.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/load/corpus.h"
#include "tests/support/load/wire.h"

namespace puente::load {

struct CarrierPlan {
  std::string address;
  std::filesystem::path certificates, log;
  std::vector<std::string> carriers;       // empty: all of the corpus
  std::size_t from = 0, count = SIZE_MAX;  // shipments of the corpus
  std::size_t connections = 1;             // a carrier
  std::size_t window = 32;                 // documents unanswered on one connection
  double rate = 0;                         // documents a second, all together; 0: as fast as the windows allow
  bool shuffled = false;                   // else a document of a shipment leaves when the one before has its answer
  double repeats = 0, conflicts = 0;       // share of documents
  std::uint32_t seed = 1;
  double seconds = 0;  // stop after; 0: when all is answered
};

// Until all is answered, the time is over or SIGTERM. Prints the summary; 0 when nothing was found wrong.
int run_carriers(Wire& wire, const Corpus& corpus, const CarrierPlan& plan);

}  // namespace puente::load
