// The program `puente`.
#include <csignal>
#include <string>
#include <vector>

#include "gateway/app/command.h"

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is a failed write, not a death
  puente::app::Terminal terminal = puente::app::Terminal::of_process();
  return static_cast<int>(puente::app::run(std::vector<std::string>(values + 1, values + count), terminal));
}
