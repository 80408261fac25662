// This host's name and this process's number, for people and for the origin of recordings. One source file per
// platform.
#pragma once

#include <cstdint>
#include <string>

namespace understudy {

// As gethostname(2) tells it, on Windows GetComputerNameEx; empty where it does not.
[[nodiscard]] std::string host_name();

[[nodiscard]] std::uint32_t process_id();

}  // namespace understudy
