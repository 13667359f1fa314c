#include "gateway/transport/entrance/related.h"

#include <algorithm>

namespace puente::transport {
namespace {
constexpr std::size_t kDocuments = 65'536;
}

void Related::add_document(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  if (!documents_.insert(id).second) return;
  order_.push_back(id);
  if (order_.size() <= kDocuments) return;
  documents_.erase(order_.front());
  order_.pop_front();
}

void Related::add_shipment(const std::string& id) {
  const std::scoped_lock lock(mutex_);
  shipments_.insert(id);
}

bool Related::empty() const {
  const std::scoped_lock lock(mutex_);
  return documents_.empty() && shipments_.empty();
}

bool Related::knows_document(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  return documents_.contains(id);
}

bool Related::knows_shipment(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  return shipments_.contains(id);
}

bool Related::shipment_belongs(ledger::Reader& reader, const std::string& id) const {
  if (knows_shipment(id)) return true;
  const auto documents = reader.documents_of_shipment(id);
  return std::any_of(documents.begin(), documents.end(),
                     [&](const std::string& document) { return knows_document(document); });
}

Result<bool> Related::contains(const v1::StatusEvent& event) {
  const std::string& id = event.object_id();
  if (knows_document(id) || knows_shipment(id)) return true;
  if (empty()) return false;
  bool found = false;
  const auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    if (event.object() == "document") {
      const auto shipment = reader.shipment_of_document(id);
      found = shipment && knows_shipment(*shipment);
    } else if (event.object() == "shipment") {
      found = shipment_belongs(reader, id);
    } else if (event.object() == "filing") {
      const auto filing = reader.filing(id);
      found = filing && shipment_belongs(reader, filing->shipment);
    }
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return found;
}

}  // namespace puente::transport
