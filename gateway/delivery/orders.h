// What a person with role ops has done about channels and filings: pause and resume, redeliver, retranslate. Each order
// can be asked for as a dry run, says how many it is about, and leaves an event of who ordered what and why.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gateway/delivery/delivery.h"

namespace puente::delivery {

inline constexpr std::size_t kOrderedUnlessSaid = 100;  // filings of an order that says no limit of its own
inline constexpr std::size_t kOrderedAtMost = 100'000;  // of any order
inline constexpr std::size_t kToldFilings = 1000;       // of one reply

struct OrderContext {
  ledger::Ledger& ledger;
  flow::Knowledge knowledge;
  std::shared_ptr<const partners::Registry> registry;
  flow::FlowOptions flow_options;
};

// By filer: those of the registry, and those whom filings or orders name. Without what only the desk knows (sessions,
// breaker).
std::map<std::string, v1::Channel> channels_of(ledger::Reader& reader, const partners::Registry& registry);

struct ChannelsOrdered {
  std::set<std::string> about, changed;
  std::vector<Finding> findings;
};
Result<ChannelsOrdered> order_channels(const OrderContext& context, const v1::ChannelOrder& order, std::string_view by,
                                       bool pause);

Result<v1::RedeliverReply> redeliver(const OrderContext& context, const v1::FilingsOrder& order, std::string_view by);
Result<v1::RetranslateReply> retranslate(const OrderContext& context, const v1::FilingsOrder& order,
                                         std::string_view by);

// The lines that go and those that come, in order of the text; what both have is left out.
std::vector<v1::RecordDifference> differences(std::string_view before, std::string_view after);

}  // namespace puente::delivery
