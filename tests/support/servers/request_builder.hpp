// Captured requests from their bytes, through the real reader.
#pragma once

#include <string_view>

#include "traffic/http/exchange.hpp"

namespace understudy {

// REQUIRES: exactly one whole request.
[[nodiscard]] RequestPtr captured_request(std::string_view bytes, SessionId session = 1,
                                          WallTime last_byte = WallTime{});

// "GET /path HTTP/1.1" with a Host.
[[nodiscard]] RequestPtr captured_get(std::string_view path, SessionId session = 1);

}  // namespace understudy
