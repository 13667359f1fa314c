// One connection, either end: TLS handshake, frames in, frames out, and the rules of time and pace that hold for both. A
// link lives on one thread, that of its io_context; only its outbox is shared with others. Rule source: reference
// security 7.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/transport/socket/codec.h"
#include "gateway/transport/socket/outbox.h"
#include "gateway/transport/socket/tls.h"

namespace puente::transport::socket {

struct LinkLimits {
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{10'000};           // from a header's first byte to its last
  std::chrono::milliseconds progress_window{10'000};  // over which progress is measured while something is unfinished
  std::size_t progress_bytes_second = 1024;
  std::chrono::milliseconds write_stall{60'000};  // a peer that takes nothing for so long is dropped
  std::chrono::milliseconds linger{2'000};        // for the peer to read our last words
};

class Link : public std::enable_shared_from_this<Link> {
 public:
  using Clock = std::chrono::steady_clock;
  // `scratch` is shared by all links of the thread and used between two suspensions only.
  Link(boost::asio::io_context& context, boost::asio::ip::tcp::socket socket, const TlsContext& tls, bool server,
       const std::string& host, const CodecLimits& codec, const LinkLimits& limits, std::vector<char>& scratch);
  virtual ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void run();                      // begins; the link keeps itself alive until it has ended
  void finish();                   // sends what waits, says goodbye, closes
  void abort();                    // closes at once
  bool finishing() const { return finishing_; }
  void check_time(Clock::time_point now);  // about twice a second

  const std::shared_ptr<Outbox>& outbox() const { return outbox_; }
  std::size_t memory() const;  // bytes held by buffers of ours

 protected:
  virtual void secured() = 0;                   // after the handshake
  virtual void received(const Received& result) = 0;
  virtual bool may_receive() const { return true; }  // false: read no further until resume()
  virtual void flushed() {}                     // everything that waited is with the kernel
  virtual void half_closed() { finish(); }      // the peer sends nothing more
  virtual void checked(Clock::time_point) {}    // part of check_time()
  virtual void too_slow() { abort(); }          // a header or a message does not come along
  virtual void ended() = 0;                     // once, last

  void resume();
  void flush();
  Tls& tls() { return tls_; }
  const boost::asio::ip::tcp::socket& tcp_socket() const { return socket_; }
  boost::asio::io_context& context() { return context_; }
  Clock::time_point last_received() const { return last_received_; }
  bool is_secured() const { return secured_; }

 private:
  boost::asio::awaitable<void> life();
  boost::asio::awaitable<bool> handshake();
  boost::asio::awaitable<void> receive();
  void process(std::string_view bytes);
  void note_progress(bool any_result, Clock::time_point now);
  void wait_to_write();
  void close_writing();
  bool discard();

  boost::asio::io_context& context_;
  boost::asio::ip::tcp::socket socket_;
  Tls tls_;
  MessageReader reader_;
  const LinkLimits limits_;
  std::vector<char>& scratch_;
  std::shared_ptr<Outbox> outbox_;
  boost::asio::steady_timer resumed_;
  std::string out_;      // taken from the outbox and being written
  std::size_t at_ = 0;   // of out_, from its front, written
  bool secured_ = false, writing_ = false, paused_ = false, held_ = false, finishing_ = false, goodbye_ = false, closed_ = false;
  Clock::time_point began_, last_received_, header_began_{}, progress_began_{}, stalled_since_{}, goodbye_at_{};
  std::size_t received_ = 0, progress_ = 0;  // bytes: within this progress window
};

}  // namespace puente::transport::socket
