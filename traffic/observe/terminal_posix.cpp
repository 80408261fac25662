#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "traffic/observe/terminal.hpp"

namespace understudy {

bool standard_error_is_terminal() {
  const char* const type = std::getenv("TERM");
  return type != nullptr && std::string_view(type) != "dumb" && ::isatty(STDERR_FILENO) == 1;
}

unsigned standard_error_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace understudy
