#include "tests/bench/server_process.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace puente::bench {
namespace {

double own_cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);  // getrusage counts in ticks on some kernels
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "server process: %s\n", what);
  std::abort();
}

}  // namespace

ServerProcess::ServerProcess(const std::function<std::unique_ptr<Served>()>& make) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("no socket pair");
  pid_ = ::fork();
  if (pid_ < 0) fail("no process");
  if (pid_ > 0) {
    ::close(ends[1]);
    channel_ = ends[0];
    return;
  }
  ::close(ends[0]);
  {
    const auto served = make();
    for (char order = 0; ::read(ends[1], &order, 1) == 1;) {  // ends with the program that made it
      if (order == 's') served->settle();
      const Report report{served->port(), served->other_port(), own_cpu_seconds()};
      if (::write(ends[1], &report, sizeof report) != sizeof report) break;
    }
  }
  ::_exit(0);
}

ServerProcess::~ServerProcess() {
  ::close(channel_);
  ::waitpid(pid_, nullptr, 0);
}

ServerProcess::Report ServerProcess::ask(char order) {
  Report report;
  if (::write(channel_, &order, 1) != 1 ||
      ::recv(channel_, &report, sizeof report, MSG_WAITALL) != static_cast<ssize_t>(sizeof report))
    fail("it has ended");
  return report;
}

std::uint16_t ServerProcess::port() { return ask('a').port; }
std::string ServerProcess::address() { return "127.0.0.1:" + std::to_string(port()); }
std::uint16_t ServerProcess::other_port() { return ask('a').other_port; }
double ServerProcess::cpu_seconds() { return ask('c').cpu_seconds; }
void ServerProcess::settle() { ask('s'); }

}  // namespace puente::bench
