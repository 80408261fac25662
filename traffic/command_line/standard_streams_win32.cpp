#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "traffic/command_line/standard_streams.hpp"

namespace understudy {
namespace {

UINT console_code_page = 0;

}  // namespace

void prepare_standard_streams() {
  for (std::FILE* stream : {stdin, stdout, stderr}) ::_setmode(::_fileno(stream), _O_BINARY);
  std::setvbuf(stderr, nullptr, _IONBF, 0);  // into a file it would be kept back otherwise
  // The console outlives the program.
  console_code_page = ::GetConsoleOutputCP();
  if (console_code_page == 0 || console_code_page == CP_UTF8 || ::SetConsoleOutputCP(CP_UTF8) == 0) return;
  std::atexit([] { ::SetConsoleOutputCP(console_code_page); });
}

}  // namespace understudy
