// A server of a benchmark in a process of its own, so that its CPU time is its own. Made by fork before the program has
// threads; it runs until told to end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace puente::bench {

// What runs in the other process.
class Served {
 public:
  virtual ~Served() = default;
  virtual std::uint16_t port() const = 0;
  virtual std::uint16_t other_port() const { return 0; }  // of a second door
  virtual void settle() {}                                // returns when nothing is left to do
};

class ServerProcess {
 public:
  explicit ServerProcess(const std::function<std::unique_ptr<Served>()>& make);
  ~ServerProcess();  // ends it, and waits
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Waits until it listens. Aborts when it has died.
  std::uint16_t port();
  std::string address();  // of the first door
  std::uint16_t other_port();
  double cpu_seconds();
  void settle();

 private:
  struct Report {
    std::uint16_t port = 0, other_port = 0;
    double cpu_seconds = 0;
  };
  Report ask(char order);

  pid_t pid_ = -1;
  int channel_ = -1;
};

}  // namespace puente::bench
