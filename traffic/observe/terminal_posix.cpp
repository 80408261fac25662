#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

#include "traffic/observe/terminal.hpp"

namespace understudy {
namespace {

std::atomic<bool> shown{false};

}  // namespace

bool standard_error_is_terminal() {
  const char* const type = std::getenv("TERM");
  return type != nullptr && std::string_view(type) != "dumb" && ::isatty(STDERR_FILENO) == 1;
}

unsigned standard_error_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void set_live_line_shown(bool is_shown) { shown.store(is_shown, std::memory_order_relaxed); }

bool live_line_shown() { return shown.load(std::memory_order_relaxed); }

}  // namespace understudy
