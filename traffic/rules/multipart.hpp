// The parts of a multipart/form-data body (RFC 7578, RFC 2046 section 5.1), for redaction.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace understudy {

// The boundary parameter of a Content-Type; empty when there is none.
[[nodiscard]] std::string multipart_boundary(std::string_view content_type);

// The body with the content of some parts replaced, or nothing when none is in it. `replace(name, content)` gives the
// text for a part's content, or nothing to keep it. Fails closed: where the body is no multipart (no delimiter, a
// part's head that does not end), `replace_damage(rest)` takes the place of all that follows.
[[nodiscard]] std::optional<std::string> replace_parts(
    std::string_view body, std::string_view boundary,
    const std::function<std::optional<std::string>(std::string_view name, std::string_view content)>& replace,
    const std::function<std::string(std::string_view rest)>& replace_damage);

}  // namespace understudy
