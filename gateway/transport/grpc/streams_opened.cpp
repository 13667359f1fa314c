#include "gateway/transport/grpc/streams_opened.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace puente::transport {
namespace {

std::string taken(char* json) {
  std::string out = json == nullptr ? "" : json;
  ::gpr_free(json);
  return out;
}

// The value of every member `name` whose value is a string, in order; the library writes 64-bit numbers as such.
std::vector<std::string_view> strings_of(std::string_view json, std::string_view name) {
  std::vector<std::string_view> out;
  const std::string member = "\"" + std::string(name) + "\":\"";
  for (std::size_t at = 0; (at = json.find(member, at)) != std::string_view::npos;) {
    at += member.size();
    out.push_back(json.substr(at, json.find('"', at) - at));
  }
  return out;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::vector<StreamsOpened> streams_opened() {
  std::vector<StreamsOpened> out;
  const std::string servers = taken(::grpc_channelz_get_servers(0));
  for (const std::string_view server : strings_of(servers, "serverId")) {
    for (std::int64_t next = 0;;) {
      const std::string sockets = taken(::grpc_channelz_get_server_sockets(number_of(server), next, 0));
      const auto ids = strings_of(sockets, "socketId");
      for (const std::string_view id : ids) {
        const std::string socket = taken(::grpc_channelz_get_socket(number_of(id)));
        const auto streams = strings_of(socket, "streamsStarted");
        const auto names = strings_of(socket, "name");  // "chttp2 ipv4:127.0.0.1:4711"
        if (streams.empty() || names.empty()) continue;
        const std::int64_t opened = number_of(streams.front());
        std::int64_t ended = 0;  // members that are 0 are left out
        for (const char* member : {"streamsSucceeded", "streamsFailed"})
          for (const std::string_view number : strings_of(socket, member)) ended += number_of(number);
        const auto messages = strings_of(socket, "messagesReceived");
        out.push_back({std::string(names.front().substr(names.front().find(' ') + 1)),
                       static_cast<std::uint64_t>(opened),
                       static_cast<std::uint64_t>(std::max(opened - ended, std::int64_t{0})),
                       messages.empty() ? 0 : static_cast<std::uint64_t>(number_of(messages.front()))});
      }
      if (ids.empty() || sockets.find("\"end\":true") != std::string::npos) break;
      next = number_of(ids.back()) + 1;
    }
  }
  return out;
}

}  // namespace puente::transport
