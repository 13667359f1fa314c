#include "gateway/ops/fault_points.h"

#ifdef PUENTE_FAULT_POINTS

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>

#include "mappings/domain/cpu_budget.h"

namespace puente::ops {
namespace {

constexpr const char* kVariable = "PUENTE_FAULT_POINT";
constexpr int kExitUsage = 64;
constexpr double kSpinSeconds = 2.0;  // the processor time that one document may take (reliability X-3)

constexpr auto kRows = std::to_array<FaultPointRow>({
#define PUENTE_FAULT_POINT_ROW(name, file, sentence) {#name, file, sentence},
    PUENTE_FAULT_POINT_TABLE(PUENTE_FAULT_POINT_ROW)
#undef PUENTE_FAULT_POINT_ROW
});

enum class Action { kill, stop, exception, spin };

struct Order {
  FaultPoint point;
  std::uint64_t nth;
  Action action;
  std::string subject;
  std::atomic<std::uint64_t> crossed{0};
  Order(FaultPoint at, std::uint64_t count, Action what, std::string whose)
      : point(at), nth(count), action(what), subject(std::move(whose)) {}
};

void say(std::string_view event, std::string_view text) {
  const std::string line = "{\"event\":\"" + std::string(event) + "\",\"point\":\"" + std::string(text) + "\"}\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

[[noreturn]] void wrong_order() {
  say("fault_point_unknown", kVariable);
  ::_exit(kExitUsage);
}

std::string_view next_part(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

Action action_of(std::string_view name) {
  if (name.empty() || name == "kill") return Action::kill;
  if (name == "stop") return Action::stop;
  if (name == "throw") return Action::exception;
  if (name == "spin") return Action::spin;
  wrong_order();
}

FaultPoint point_of(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].name == name) return static_cast<FaultPoint>(i);
  wrong_order();
}

std::deque<Order> read_orders() {
  std::deque<Order> orders;
  const char* text = std::getenv(kVariable);
  for (std::string_view rest = text == nullptr ? "" : text; !rest.empty();) {
    std::string_view one = next_part(rest, ',');
    const FaultPoint point = point_of(next_part(one, ':'));
    const std::string_view digits = next_part(one, ':');
    std::uint64_t nth = 1;
    if (!digits.empty() &&
        std::from_chars(digits.data(), digits.data() + digits.size(), nth).ptr != digits.data() + digits.size())
      wrong_order();
    const Action action = action_of(next_part(one, ':'));
    orders.emplace_back(point, nth, action, std::string(one));
  }
  return orders;
}

std::deque<Order>& orders() {
  static std::deque<Order> read = read_orders();
  return read;
}

void carry_out(const Order& order) {
  say("fault_point", kRows[static_cast<std::size_t>(order.point)].name);
  switch (order.action) {
    case Action::kill:
      ::kill(::getpid(), SIGKILL);
      for (;;) ::pause();  // the signal ends this thread too, a moment later
    case Action::stop:
      ::kill(::getpid(), SIGSTOP);
      return;
    case Action::exception:
      throw std::runtime_error("fault point");
    case Action::spin:
      for (const CpuBudget budget(kSpinSeconds); !budget.spent();) {
      }
      return;
  }
}

}  // namespace

std::span<const FaultPointRow> fault_points() { return kRows; }

void cross(FaultPoint point, std::string_view subject) {
  for (Order& order : orders()) {
    if (order.point != point || (!order.subject.empty() && order.subject != subject)) continue;
    const std::uint64_t count = ++order.crossed;
    if (order.nth == 0 || order.nth == count) carry_out(order);
  }
}

Result<void> permit_fault_points(bool production) {
  if (!production || orders().empty()) return {};
  return permanent("fault_points_refused",
                   std::string(kVariable) + " is set; a gateway in production takes no fault points");
}

}  // namespace puente::ops

#endif
