// Text inside XML 1.0.
#pragma once

#include <string>
#include <string_view>

namespace understudy {

// As XML 1.0 (2.2, 2.4) may hold it in an attribute or an element, whatever the bytes were: valid UTF-8, controls as
// \u001b, no non-characters, markup escaped. Pure.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace understudy
