#include "gateway/flow/reading.h"

#include <algorithm>

namespace puente::flow {
namespace {

v1::Outcome outcome(sat::Stage stage) {
  switch (stage) {
    case sat::Stage::pass:
      return v1::PASS;
    case sat::Stage::fail:
      return v1::FAIL;
    case sat::Stage::absent:
      return v1::ABSENT;
    case sat::Stage::unknown:
      break;
  }
  return v1::UNKNOWN;
}

void put_findings(const Findings& findings, v1::CheckReport& report) {
  for (const auto& finding : findings) *report.add_findings() = finding;
  report.set_findings_left_out(static_cast<std::uint32_t>(findings.left_out()));
}

// The day on which an override ends is the clock's: the only date here that is not the document's.
Date today(const FlowOptions& options) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_time(std::chrono::microseconds(options.clock())));
}

void read_sat(std::string_view name, std::string bytes, std::string_view partner, const Knowledge& knowledge,
              const FlowOptions& options, ReadDocument& read) {
  sat::ReadContext context{knowledge.trust, options.limits, knowledge.lists};
  const partners::Partner* sender = knowledge.registry != nullptr ? knowledge.registry->by_id(partner) : nullptr;
  if (sender != nullptr && !sender->overrides.empty()) {
    context.overrides = sender->overrides;
    context.today = today(options);
  }
  auto result = sat::read(name, std::move(bytes), context);
  read.document = result.document;
  read.stages = result.stages;
  read.accepted = result.accepted;
  read.report.set_folio_fiscal(result.folio_fiscal);
  read.report.set_kind(std::string(sat::kind_name(result.kind)));
  auto& stages = *read.report.mutable_stages();
  stages.set_xml(outcome(result.stages.xml));
  stages.set_structure(outcome(result.stages.structure));
  stages.set_seal(outcome(result.stages.seal));
  stages.set_stamp(outcome(result.stages.stamp));
  stages.set_rules(outcome(result.stages.rules));
  stages.set_catalogs(outcome(result.stages.catalogs));
  put_findings(result.findings, read.report);
}

void read_crossing_notice(std::string_view name, std::string_view bytes, ReadDocument& read) {
  auto result = crosswalk::read_notice(name, bytes);
  read.accepted = result.notice.has_value();  // a missing key is a finding, never a refusal (golden/README)
  read.notice = std::move(result.notice);
  read.report.set_kind("crossing_notice");
  put_findings(result.findings, read.report);
}

}  // namespace

std::shared_ptr<const ReadDocument> read_document(v1::DocumentKind kind, std::string_view name, std::string bytes,
                                                  std::string_view partner, const Knowledge& knowledge,
                                                  const FlowOptions& options) {
  auto read = std::make_shared<ReadDocument>();
  read->bytes = bytes.size();
  if (kind == v1::CROSSING_NOTICE)
    read_crossing_notice(name, bytes, *read);
  else
    read_sat(name, std::move(bytes), partner, knowledge, options, *read);
  read->report.set_file(std::string(name));
  read->report.set_verdict(read->accepted ? "accepted" : "rejected");
  return read;
}

std::shared_ptr<const ReadDocument> ReadCache::find(std::string_view document_id) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(document_id);
  if (found == index_.end()) return nullptr;
  slots_.splice(slots_.begin(), slots_, found->second);
  return found->second->read;
}

void ReadCache::put(std::string_view document_id, std::shared_ptr<const ReadDocument> read) {
  const std::lock_guard lock(mutex_);
  if (index_.contains(document_id) || read->bytes > limit_) return;
  bytes_ += read->bytes;
  slots_.push_front({std::string(document_id), std::move(read)});
  index_.emplace(slots_.front().id, slots_.begin());
  while (bytes_ > limit_) {
    bytes_ -= slots_.back().read->bytes;
    index_.erase(slots_.back().id);
    slots_.pop_back();
  }
}

}  // namespace puente::flow
