// How many files and sockets the process may have open. One source file per platform.
#pragma once

namespace understudy {

// Raises the limit as far as the system lets an ordinary user. Windows has none but memory.
void raise_descriptor_limit();

}  // namespace understudy
