// What drafting computes, kept for a while: it is computed on the thread of who will need it and looked up on the
// ledger's one writing thread. Each value is a pure function of its key and of the Knowledge it belongs to; a draft is
// one of the answers to its questions too, and is given again only where every one is answered the same. So what is
// found is what would be computed, and where nothing is found it is computed on the spot.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/flow/assemble.h"
#include "gateway/flow/entry_filing.h"
#include "mappings/crosswalk/draft.h"

namespace puente::flow {

// The values used last, by key. Thread-safe.
template <typename Value>
class Recent {
 public:
  explicit Recent(std::size_t limit) : limit_(limit) {}

  std::shared_ptr<const Value> find(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    slots_.splice(slots_.begin(), slots_, found->second);
    return found->second->second;
  }

  void put(std::string key, std::shared_ptr<const Value> value) {
    std::shared_ptr<const Value> left;  // destroyed after the lock is given up
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) {
      left = std::exchange(found->second->second, std::move(value));
      return;
    }
    slots_.emplace_front(key, std::move(value));
    index_.emplace(std::move(key), slots_.begin());
    if (slots_.size() <= limit_) return;
    left = std::move(slots_.back().second);
    index_.erase(slots_.back().first);
    slots_.pop_back();
  }

 private:
  using Slot = std::pair<std::string, std::shared_ptr<const Value>>;
  std::mutex mutex_;
  const std::size_t limit_;
  std::list<Slot> slots_;  // most recently used first
  std::map<std::string, typename std::list<Slot>::iterator, std::less<>> index_;
};

// One entry of a draft by itself, as it is stored and compared.
struct CutEntry {
  explicit CutEntry(EntryDraft of_entry);
  EntryDraft draft;
  std::string head_bytes, fingerprint;
};

struct Drafted {
  // What the draft asked of the outside, with the answer: a handle, a number, and who assigned it.
  struct Question {
    enum class Of { broker, entry_number, scn } of;
    std::string first, second, third;
    std::optional<std::pair<std::string, std::string>> answer;
  };
  v1::Draft draft;  // its lineage stands in the entries
  std::vector<std::shared_ptr<const CutEntry>> entries;
  std::vector<Question> asked;
};

struct Answers {
  std::function<std::optional<std::string>(std::string_view importer, std::string_view port, std::string_view scac)>
      broker;
  crosswalk::GivenNumbers numbers;
};

// crosswalk::draft of what was assembled; throws what it throws.
std::shared_ptr<const Drafted> drafted(const Assembly& assembly, const crosswalk::Shipment& shipment,
                                       const Knowledge& knowledge, const Answers& answers);

// On the thread of who will have the shipment joined and drafted of these documents: what redraft() is going to ask
// for. Changes nothing; shipment "" for one that is not there yet. Defined in redraft.cpp.
void draft_ahead(ledger::Reader& reader, std::string_view shipment_id, const std::vector<StoredDocument>& documents,
                 const Knowledge& knowledge, const partners::Registry& registry, const FlowOptions& options);

class DraftMemo {
 public:
  Recent<Drafted> drafts{64};
  Recent<Encoded> records{256};
  Recent<Numbered> numbered{256};
};

}  // namespace puente::flow
