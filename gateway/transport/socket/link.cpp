#include "gateway/transport/socket/link.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

namespace puente::transport::socket {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kLargeBuffer = std::size_t{32} << 10U;  // a buffer that is larger is given back when it is empty

}  // namespace

Link::Link(asio::io_context& context, tcp::socket socket, const TlsContext& tls, bool server, const std::string& host,
           const CodecLimits& codec, const LinkLimits& limits, std::vector<char>& scratch)
    : context_(context),
      socket_(std::move(socket)),
      tls_(tls, socket_.native_handle(), server, host),
      reader_(server ? Side::client : Side::gateway, codec),
      limits_(limits),
      scratch_(scratch),
      resumed_(context),
      began_(Clock::now()),
      last_received_(began_) {
  resumed_.expires_at(asio::steady_timer::time_point::max());
  outbox_ = std::make_shared<Outbox>(codec.frame_bytes, [this] {
    asio::post(context_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->flush();
    });
  });
}

Link::~Link() { outbox_->close(); }

void Link::run() {
  asio::co_spawn(
      context_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->life(); }, asio::detached);
}

asio::awaitable<void> Link::life() {
  const bool safe = co_await handshake();
  if (safe) {
    secured_ = true;
    last_received_ = Clock::now();
    secured();
    flush();
    co_await receive();
  }
  outbox_->close();
  abort();
  ended();
}

asio::awaitable<bool> Link::handshake() {
  while (!closed_) {
    const Tls::Progress progress = tls_.handshake();
    if (progress == Tls::Progress::done) co_return true;
    if (progress != Tls::Progress::want_read && progress != Tls::Progress::want_write) co_return false;
    const auto what =
        progress == Tls::Progress::want_read ? tcp::socket::wait_read : tcp::socket::wait_write;
    const auto [error] = co_await socket_.async_wait(what, kAwait);
    if (error) co_return false;
  }
  co_return false;
}

asio::awaitable<void> Link::receive() {
  bool more = true;  // may come: the peer has not said that it sends nothing more
  while (!closed_) {
    if (goodbye_) {
      if (!discard()) co_return;
      const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kAwait);
      if (error) co_return;
      continue;
    }
    if (held_ && !finishing_ && may_receive()) {
      process({});
      flush();
      if (!more && !held_ && !finishing_) half_closed();
      continue;
    }
    if (finishing_ || !more || !may_receive()) {
      paused_ = true;
      progress_began_ = header_began_ = {};
      co_await resumed_.async_wait(kAwait);
      paused_ = false;
      last_received_ = Clock::now();
      continue;
    }
    Tls::Moved moved{Tls::Progress::done};
    std::size_t size = 0;
    while (size < scratch_.size()) {
      moved = tls_.read(scratch_.data() + size, scratch_.size() - size);
      if (moved.progress != Tls::Progress::done) break;
      size += moved.bytes;
    }
    if (size > 0) {
      last_received_ = Clock::now();
      received_ += size;
      process({scratch_.data(), size});
      flush();
      if (held_) continue;
    }
    switch (moved.progress) {
      case Tls::Progress::want_read: {
        const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kAwait);
        if (error) co_return;
        break;
      }
      case Tls::Progress::want_write: {
        const auto [error] = co_await socket_.async_wait(tcp::socket::wait_write, kAwait);
        if (error) co_return;
        break;
      }
      case Tls::Progress::done:  // there may be more, after the others had their turn
        co_await asio::post(context_, asio::use_awaitable);
        break;
      case Tls::Progress::closed:
        more = false;
        if (!held_ && !finishing_) half_closed();
        break;
      case Tls::Progress::failed:
        co_return;
    }
  }
}

// Until the peer has read our last words and closes, or check_time() finds that it takes too long: closing with unread
// bytes would throw away what we sent.
bool Link::discard() {
  for (;;) {
    const ssize_t count = ::recv(socket_.native_handle(), scratch_.data(), scratch_.size(), MSG_DONTWAIT);
    if (count > 0) continue;
    return count < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

void Link::process(std::string_view bytes) {
  bool any = false;
  held_ = false;
  while (!finishing_ && !closed_) {
    if (!may_receive()) {
      reader_.keep(bytes);
      held_ = true;
      break;
    }
    const auto result = reader_.next(bytes);
    if (!result) break;
    any = true;
    received(*result);
  }
  note_progress(any, Clock::now());
}

void Link::note_progress(bool any_result, Clock::time_point now) {
  if (!reader_.within_header()) {
    header_began_ = {};
  } else if (any_result || header_began_ == Clock::time_point{}) {
    header_began_ = now;
  }
  if (!reader_.unfinished()) {
    progress_began_ = {};
  } else if (progress_began_ == Clock::time_point{}) {
    progress_began_ = now;
    progress_ = received_;
  }
}

void Link::resume() {
  if (paused_) resumed_.cancel();
}

void Link::flush() {
  if (!secured_ || writing_ || closed_ || goodbye_) return;
  for (;;) {
    if (at_ == out_.size()) {
      out_.clear();
      at_ = 0;
      if (out_.capacity() > kLargeBuffer) release(out_);
      outbox_->take(out_);
      if (out_.empty()) break;
    }
    const Tls::Moved moved = tls_.write(out_.data() + at_, out_.size() - at_);
    if (moved.progress == Tls::Progress::done) {
      at_ += moved.bytes;
      outbox_->sent(moved.bytes);
      stalled_since_ = {};
      continue;
    }
    if (moved.progress == Tls::Progress::want_write) return wait_to_write();
    return abort();
  }
  if (finishing_) return close_writing();
  flushed();
  if (paused_ && may_receive()) resume();
}

void Link::wait_to_write() {
  writing_ = true;
  if (stalled_since_ == Clock::time_point{}) stalled_since_ = Clock::now();
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](ErrorCode error) {
    self->writing_ = false;
    if (!error) self->flush();
  });
}

void Link::finish() {
  if (finishing_ || closed_) return;
  finishing_ = true;
  goodbye_at_ = Clock::now();
  // Not from here: the caller may stand in the middle of a result.
  asio::post(context_, [self = shared_from_this()] {
    self->flush();
    self->resume();
  });
}

void Link::close_writing() {
  tls_.say_goodbye();
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  goodbye_ = true;
  goodbye_at_ = Clock::now();
  resume();
}

void Link::abort() {
  if (closed_) return;
  closed_ = true;
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  resumed_.cancel();
}

void Link::check_time(Clock::time_point now) {
  if (closed_) return;
  if (!secured_) {
    if (now - began_ > limits_.handshake) abort();
    return;
  }
  if (goodbye_ && now - goodbye_at_ > limits_.linger) return abort();
  if (stalled_since_ != Clock::time_point{} && now - stalled_since_ > limits_.write_stall) return abort();
  if (finishing_) return;
  if (header_began_ != Clock::time_point{} && now - header_began_ > limits_.header) return too_slow();
  if (progress_began_ != Clock::time_point{} && now - progress_began_ > limits_.progress_window) {
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now - progress_began_).count();
    if ((received_ - progress_) * 1000 < limits_.progress_bytes_second * static_cast<std::size_t>(millis))
      return too_slow();
    progress_began_ = now;
    progress_ = received_;
  }
  checked(now);
}

std::size_t Link::memory() const { return reader_.memory() + out_.capacity(); }

}  // namespace puente::transport::socket
