// puente serve: the daemon. SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reloads, and so does a new
// generation of the SAT's code lists (`puente catalogs load`).
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <thread>

#include "gateway/app/commands.h"
#include "gateway/app/configuration.h"
#include "gateway/app/faults.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/gateway.h"
#include "gateway/app/notify.h"

namespace puente::app {
namespace {

constexpr Option kOptions[] = {{"--config",
                                "FILE",
                                OptionKind::text,
                                false,
                                {"the configuration; default: /etc/puente/puente.toml",
                                 "la configuración; por omisión, /etc/puente/puente.toml"}}};

// The process's signals as something to wait for. They are blocked in the thread that makes this, and so in every
// thread it starts.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    signals_ = ::signalfd(-1, &set_, SFD_CLOEXEC);
    done_ = ::eventfd(0, EFD_CLOEXEC);
  }
  ~Signals() {
    ::close(signals_);
    ::close(done_);
    if (changes_ >= 0) ::close(changes_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void done() {  // from any thread: wait() returns 0
    const std::uint64_t one = 1;
    while (::write(done_, &one, sizeof one) < 0 && errno == EINTR) {
    }
  }
  // From now on a name that is renamed into this folder is a SIGHUP. A folder that cannot be watched is not.
  void watch(const std::filesystem::path& folder) {
    changes_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (changes_ >= 0) ::inotify_add_watch(changes_, folder.c_str(), IN_MOVED_TO);
  }
  static constexpr int kDone = 0, kTimeout = -1;
  // The next signal; kDone after done(); kTimeout when nothing came for so long (-1: for ever).
  int wait(int milliseconds = -1) const {
    std::array<pollfd, 3> ready{{{signals_, POLLIN, 0}, {done_, POLLIN, 0}, {changes_, POLLIN, 0}}};
    while (true) {
      const int count = ::poll(ready.data(), ready.size(), milliseconds);
      if (count == 0) return kTimeout;
      if (count < 0) continue;
      if ((ready[1].revents & POLLIN) != 0) return kDone;
      if ((ready[2].revents & POLLIN) != 0) {
        std::array<char, 4096> events;  // what they say does not matter
        while (::read(changes_, events.data(), events.size()) > 0) {
        }
        return SIGHUP;
      }
      signalfd_siginfo info{};
      if (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
        return static_cast<int>(info.ssi_signo);
    }
  }
  // Ends the process as the signal would have without us.
  [[noreturn]] void obey(int signal) const {
    std::signal(signal, SIG_DFL);
    ::raise(signal);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    ::_exit(128 + signal);
  }

 private:
  sigset_t set_{}, before_{};
  int signals_ = -1, done_ = -1, changes_ = -1;
};

void drain(Gateway& gateway, Signals& signals) {
  notify_manager("STOPPING=1\nSTATUS=finishing accepted work");
  std::thread worker([&] {
    gateway.drain();
    signals.done();
  });
  for (int signal; (signal = signals.wait()) != Signals::kDone;)
    if (signal != SIGHUP) signals.obey(signal);
  worker.join();
}

void reload(Gateway& gateway) {
  notify_reloading();
  const Findings problems = gateway.reload();
  notify_manager(problems.empty() ? "READY=1\nSTATUS=serving"
                                  : "READY=1\nSTATUS=serving; the last reload had findings, see the log");
}

// Until the service manager or a person says stop. The watchdog is fed only after the ledger's writing thread has
// answered, so a disk that hangs restarts the unit.
void run_until_stopped(Gateway& gateway, Signals& signals) {
  const int feeding = watchdog_milliseconds() / 3;
  while (true) {
    const int signal = signals.wait(feeding > 0 ? feeding : -1);
    if (signal == Signals::kTimeout) {
      if (gateway.writes()) notify_manager("WATCHDOG=1");
    } else if (signal == SIGHUP) {
      reload(gateway);
    } else {
      return;
    }
  }
}

ExitCode serve(const Arguments& arguments, Terminal& terminal) {
  Signals signals;  // before the first thread is started
  LoadedConfiguration configuration = load_configuration(arguments.text_or("--config", kDefaultConfiguration));
  if (!configuration.usable()) {
    print_findings(terminal.err, configuration.findings.list(), terminal.language, "");
    return report(terminal, configuration.fault());
  }
  Findings findings;
  if (!configuration.values.lists.empty()) signals.watch(configuration.values.lists);
  notify_manager("STATUS=opening the ledger");
  const auto gateway = Gateway::start(std::move(configuration), findings);
  if (!gateway) {
    print_findings(terminal.err, findings.list(), terminal.language, "");
    return report(terminal, gateway.error());
  }
  notify_manager("READY=1\nSTATUS=serving");
  run_until_stopped(**gateway, signals);
  drain(**gateway, signals);
  return ExitCode::done;
}

}  // namespace

const Command kServe = {
    "serve", {"run the gateway", "ejecuta la pasarela"}, "puente serve --config demo/puente.toml", kOptions, serve};

}  // namespace puente::app
