// Redaction of bodies from bytes: JSON, multipart forms and content codings.
#include <string>

#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"
#include "traffic/rules/content_coding.hpp"
#include "traffic/rules/json_redaction.hpp"
#include "traffic/rules/multipart.hpp"

namespace {

using namespace understudy;

JsonSelection make_selection() {
  JsonSelection selection;
  selection.add_name("k");
  CHECK(selection.add_pointer("/a/*/b") && selection.add_pointer("/0") && selection.add_pointer("/"));
  return selection;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const JsonSelection selection = make_selection();
  static const Marker marker("");
  const std::string_view body = as_text(ByteView(data, size));
  if (const auto once = redact_json(body, selection, marker)) {
    const auto twice = redact_json(*once, selection, marker);
    CHECK(!twice || *twice == *once);  // nothing was left to redact
  }
  const auto hide = [](std::string_view name, std::string_view) {
    return name == "k" ? std::optional<std::string>("*") : std::nullopt;
  };
  static_cast<void>(replace_parts(body, multipart_boundary(body), hide, [](std::string_view) { return "#"; }));
  static_cast<void>(replace_parts(body, "b", hide, [](std::string_view) { return "#"; }));
  static_cast<void>(decode_content(ContentCoding::gzip, body));
  static_cast<void>(decode_content(ContentCoding::deflate, body));
  return 0;
}
