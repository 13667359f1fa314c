// The objects that belong to some documents or shipments: which events a stream passes on.
#pragma once

#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "gateway/ledger/ledger.h"
#include "puente/v1/gateway.pb.h"

namespace puente::transport {

// A shipment belongs when one of its documents does; a filing when its shipment does; a document also when it travels
// in a shipment that was named. Remembers the latest 65,536 documents. Thread-safe; contains() reads the ledger on the
// calling thread.
class Related {
 public:
  explicit Related(ledger::Ledger& ledger) : ledger_(ledger) {}
  void add_document(const std::string& id);
  void add_shipment(const std::string& id);
  bool empty() const;
  Result<bool> contains(const v1::StatusEvent& event);

 private:
  bool knows_document(const std::string& id) const;
  bool knows_shipment(const std::string& id) const;
  bool shipment_belongs(ledger::Reader& reader, const std::string& id) const;

  ledger::Ledger& ledger_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> documents_, shipments_;
  std::deque<std::string> order_;
};

}  // namespace puente::transport
