// The program `puente`.
#include <malloc.h>

#include <csignal>
#include <string>
#include <vector>

#include "gateway/app/command.h"

int main(int count, char** values) {
  // Messages of thousands of small strings come and go: without fast bins, which glibc folds together again and again.
  mallopt(M_MXFAST, 0);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away is a failed write, not a death
  puente::app::Terminal terminal = puente::app::Terminal::of_process();
  return static_cast<int>(puente::app::run(std::vector<std::string>(values + 1, values + count), terminal));
}
