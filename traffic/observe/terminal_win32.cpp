#include <windows.h>

#include "traffic/observe/terminal.hpp"

namespace understudy {

bool standard_error_is_terminal() {
  const HANDLE console = ::GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  // Consoles understand escape sequences since Windows 10, when they are asked to.
  return ::GetConsoleMode(console, &mode) != 0 &&
         ::SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

unsigned standard_error_columns() {
  CONSOLE_SCREEN_BUFFER_INFO information{};
  if (::GetConsoleScreenBufferInfo(::GetStdHandle(STD_ERROR_HANDLE), &information) == 0) return 80;
  return static_cast<unsigned>(information.srWindow.Right - information.srWindow.Left + 1);
}

}  // namespace understudy
