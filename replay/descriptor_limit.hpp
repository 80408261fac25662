// How many files and sockets the process may have open.
#pragma once

#include <cstddef>

namespace understudy {

// Raises the limit as far as the system lets an ordinary user, and returns it.
std::size_t raise_descriptor_limit();

}  // namespace understudy
