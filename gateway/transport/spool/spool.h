// The spool channel: a filer that takes and gives files instead of calls. One folder per filer (partners: channel =
// "spool"):
//
//   out/   <token>.se, <token>.ae   the records of a filing, 80-column lines with LF
//          <token>.json             the same filing without its records: token, action, revision, deadline,
//          possible_duplicate,
//                                   draft with findings and lineage; written after the records, so who sees it sees
//                                   both
//   in/    *.json                   one act of the filer: {"confirmation": {"token": ..., "entry_number": ...}},
//   {"refusal": ...},
//                                   {"correction": ...} or {"answer": ...}, as FilerAct of gateway.proto (bytes as
//                                   base64)
//          *.sx *.so *.ax *.txt     CBP's answer lines; a name that is a filing's token matches them to it
//   done/  files of in/ that were applied, each with NAME.findings.json beside it (the FilerActResult)
//          <token>.se, <token>.ae   the records rebuilt with the entry number that a confirmation gave
//   bad/   files of in/ that were not, with the findings that say why
//
// Files of out/ appear whole: written under another name, flushed to the disk, renamed. They go, the .json
// first, when the filing is confirmed, refused or corrected, and when it was replaced or cancelled. A file of in/ is taken once two looks at it, one poll apart, saw the same size and time; *.tmp, *.part and
// names that begin with a dot are never taken. Links are not followed and no name leads out of the folder. A restart or
// an offer that ran out writes the same token again, with possible_duplicate true. An act is acknowledged by its move
// to done/, after it is committed.
//
// The filer's own program renames or removes files of out/ as it likes; Puente does not read them again.
//
// Threads: one thread of its own per SpoolTransport. Delivery's sinks only queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "gateway/delivery/delivery.h"
#include "gateway/partners/registry.h"

namespace puente::transport {

struct SpoolOptions {
  std::chrono::milliseconds poll{1000};
  std::size_t file_limit = 1024 * 1024;  // bytes of one file of in/
  // For operators: a folder that cannot be used, a file that cannot be written. Code and folder, never content.
  std::function<void(const Fault&)> on_fault = [](const Fault&) {};
};

class SpoolTransport {
 public:
  virtual ~SpoolTransport() = default;
  // Attaches every filer of channel spool; those that a reload adds or takes away follow at the next poll.
  virtual void start() = 0;
  // One look at all folders: writes what was offered, takes what lies there. start() does it every poll; tests call it
  // themselves.
  virtual void look() = 0;
  virtual void stop() = 0;  // offers that are not confirmed go back
};

std::unique_ptr<SpoolTransport> make_spool(partners::Partners& partners, delivery::Delivery& delivery,
                                           SpoolOptions options);

}  // namespace puente::transport
