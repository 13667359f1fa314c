// How many streams each connection has opened, those included that were reset before any of our code saw them: the only
// place that knows is the library's channelz. Rule source: reference security 6, rapid reset.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace puente::transport {

struct StreamsOpened {
  std::string peer;            // as ServerContext::peer() writes it
  std::uint64_t streams = 0;   // since it began
  std::uint64_t open = 0;      // of them now
  std::uint64_t messages = 0;  // completed since it began
};

// Of every gRPC server of this process. Costs some 20 microseconds a connection.
std::vector<StreamsOpened> streams_opened();

}  // namespace puente::transport
