// What the clients of every door have in common. Free of any transport.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "mappings/domain/result.h"
#include "puente/v1/gateway.pb.h"

namespace puente::client {

struct ClientOptions {
  std::string address;                     // host:port
  std::filesystem::path authority;         // who signed the gateway's certificate (PEM)
  std::filesystem::path certificate, key;  // our own (PEM)
  std::string server_name{};               // the name in the gateway's certificate, where it is not the host
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds call_timeout{60'000};  // of calls that are not streams
};

// A filer's stream of filings.
class Feed {
 public:
  virtual ~Feed() = default;                       // cancels
  virtual bool grant(std::uint32_t filings) = 0;   // takes so many more; false when the stream has ended
  virtual bool send(const v1::FilerAct& act) = 0;  // answered by on_result
  virtual void half_close() = 0;                   // no more acts; filings not confirmed go back
  virtual void cancel() = 0;
  virtual Result<void> wait() = 0;  // until the stream has ended; how it ended
};

struct FeedHandlers {
  std::function<void(const v1::Filing&)> on_filing;
  std::function<void(const v1::FilerActResult&)> on_result;
};

}  // namespace puente::client
