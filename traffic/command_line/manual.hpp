// The options' part of the manual page, made from the same definitions as the flags.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace understudy {

// The commands of `program` and their flags, as the man(7) text of the section OPTIONS. Flags that an earlier command
// has with the same help are named there, not described again. Hidden commands and flags are left out.
[[nodiscard]] std::string manual_options(const CLI::App& program);

}  // namespace understudy
