// read: the bytes of one stored document become what join and draft work on, with its report. Pure; any thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/flow/flow.h"
#include "mappings/crosswalk/notice.h"

namespace puente::flow {

struct ReadDocument {
  std::shared_ptr<const sat::Document> document;  // SAT_XML, when it could be read
  std::optional<crosswalk::Notice> notice;        // CROSSING_NOTICE, when it could be read
  sat::Stages stages;
  bool accepted = false;
  v1::CheckReport report;
  std::size_t bytes = 0;

  bool sealed() const { return stages.seal == sat::Stage::pass; }
};

// `name` is what findings call the document, `partner` who sent it: severities may be the partner's own.
std::shared_ptr<const ReadDocument> read_document(v1::DocumentKind kind, std::string_view name, std::string bytes,
                                                  std::string_view partner, const Knowledge& knowledge,
                                                  const FlowOptions& options);

// The documents read last, by id, so that drafting a shipment anew does not parse and verify its documents anew.
// Belongs to one Knowledge: other trust, other reading. Bounded by the bytes of the documents. Thread-safe.
class ReadCache {
 public:
  explicit ReadCache(std::size_t bytes = 32UL * 1024 * 1024) : limit_(bytes) {}
  std::shared_ptr<const ReadDocument> find(std::string_view document_id);
  void put(std::string_view document_id, std::shared_ptr<const ReadDocument> read);

 private:
  struct Slot {
    std::string id;
    std::shared_ptr<const ReadDocument> read;
  };
  std::mutex mutex_;
  std::size_t limit_, bytes_ = 0;
  std::list<Slot> slots_;  // most recently used first
  std::map<std::string, std::list<Slot>::iterator, std::less<>> index_;
};

}  // namespace puente::flow
