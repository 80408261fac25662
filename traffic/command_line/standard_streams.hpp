// What main() does first. One source file per platform.
#pragma once

namespace understudy {

// Lets standard output and error carry bytes as they are written, and a console show them as UTF-8. POSIX systems do so
// by themselves; Windows would turn line feeds into two bytes.
void prepare_standard_streams();

}  // namespace understudy
