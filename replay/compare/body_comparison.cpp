#include "replay/compare/body_comparison.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "replay/compare/shown_value.hpp"
#include "replay/compare/text_search.hpp"
#include "traffic/rules/content_coding.hpp"

namespace understudy {
namespace {

using Slices = std::vector<std::string_view>;

// Where two contents begin to differ; the length of the shorter one when it begins the longer one.
std::uint64_t first_difference(std::span<const std::string_view> left, std::span<const std::string_view> right) {
  std::uint64_t offset = 0;
  std::string_view of_left;
  std::string_view of_right;
  while (true) {
    for (; of_left.empty() && !left.empty(); left = left.subspan(1)) of_left = left.front();
    for (; of_right.empty() && !right.empty(); right = right.subspan(1)) of_right = right.front();
    const std::size_t length = std::min(of_left.size(), of_right.size());
    if (length == 0) return offset;
    if (of_left.substr(0, length) != of_right.substr(0, length)) {
      const auto at = std::mismatch(of_left.begin(), of_left.end(), of_right.begin(), of_right.end()).first;
      return offset + static_cast<std::uint64_t>(at - of_left.begin());
    }
    offset += length;
    of_left.remove_prefix(length);
    of_right.remove_prefix(length);
  }
}

std::uint64_t size_of(std::span<const std::string_view> slices) {
  std::uint64_t size = 0;
  for (const std::string_view slice : slices) size += slice.size();
  return size;
}

std::string digest_of(std::span<const std::string_view> slices) {
  uLong sum = crc32(0, nullptr, 0);
  for (const std::string_view slice : slices) {
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(slice.data()), slice.size());
  }
  return fmt::format("{} bytes, CRC-32 {:08x}", size_of(slices), sum);
}

void note_bytes(std::span<const std::string_view> expected, std::span<const std::string_view> actual, std::string shape,
                Differences& differences) {
  Difference difference{DifferenceKind::body, std::move(shape), digest_of(expected), digest_of(actual), 0};
  difference.actual += fmt::format(", differs from byte {} on", first_difference(expected, actual));
  differences.add(std::move(difference));
}

// The content in one piece: a view of the only slice, or a copy in `storage`.
std::string_view joined(const Slices& slices, std::string& storage) {
  if (slices.empty()) return {};
  if (slices.size() == 1) return slices.front();
  for (const std::string_view slice : slices) storage += slice;
  return storage;
}

// As the redactor does it (traffic/rules/redactor.hpp).
bool is_json_type(const HttpMessage& message, std::string_view content) {
  if (const auto type = message.field("content-type")) return contains_ignoring_case(*type, "json");
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (content[first] == '{' || content[first] == '[');
}

std::string coding_name(const HttpMessage& message) {
  const auto name = message.field("content-encoding");
  return name ? shown_text(*name) : "identity";
}

// Decoded, or as it is when nothing is to be decoded. Nothing: it cannot be.
std::optional<std::string_view> decoded(const HttpMessage& message, const Slices& slices, std::string& storage) {
  const ContentCoding coding = content_coding_of(message);
  if (coding == ContentCoding::other) return std::nullopt;
  const std::string_view content = joined(slices, storage);
  if (coding == ContentCoding::identity || content.empty()) return content;
  std::optional<std::string> plain = decode_content(coding, content);
  if (!plain) return std::nullopt;
  storage = std::move(*plain);
  return storage;
}

}  // namespace

void BodyComparison::compare(const HttpMessage& expected, const HttpMessage& actual, Differences& differences) {
  const Slices left = expected.body().content_slices();
  const Slices right = actual.body().content_slices();
  const std::uint64_t left_size = expected.body().content_size();
  const std::uint64_t right_size = actual.body().content_size();
  const ContentCoding left_coding = content_coding_of(expected);
  const ContentCoding right_coding = content_coding_of(actual);
  // Codings that are read, or are the same, need no names.
  const bool known = left_coding != ContentCoding::other && right_coding != ContentCoding::other;
  const std::string left_name = known ? std::string() : coding_name(expected);
  const std::string right_name = known ? std::string() : coding_name(actual);
  const bool same_coding = known ? left_coding == right_coding : left_name == right_name;
  if (same_coding && left_size == right_size && first_difference(left, right) == left_size) return;
  if (left_size == 0 || right_size == 0) {
    if (left_size != right_size) note_bytes(left, right, right_size == 0 ? "missing" : "unexpected", differences);
    return;
  }
  const bool looks_inside = left_size <= rules_.body_max() && right_size <= rules_.body_max();
  std::string left_storage;
  std::string right_storage;
  const auto left_content = looks_inside ? decoded(expected, left, left_storage) : std::nullopt;
  const auto right_content = left_content ? decoded(actual, right, right_storage) : std::nullopt;
  if (!right_content) {
    note_bytes(left, right, known || same_coding ? "bytes" : left_name + " -> " + right_name, differences);
    return;
  }
  const bool as_json = is_json_type(expected, *left_content) && is_json_type(actual, *right_content);
  compare_contents(*left_content, *right_content, as_json, differences);
}

void BodyComparison::compare_contents(std::string_view expected, std::string_view actual, bool as_json,
                                      Differences& differences) {
  if (expected == actual) return;
  std::string shape = "bytes";
  if (as_json && expected.size() <= rules_.body_max() && actual.size() <= rules_.body_max()) {
    arena_.clear();
    const boost::json::value* const left = arena_.parse(expected);
    const boost::json::value* const right = arena_.parse(actual);
    if (left != nullptr && right != nullptr) return json_.compare(*left, *right, differences);
    if (left != nullptr) shape = "JSON -> other";
    if (right != nullptr) shape = "other -> JSON";
  }
  note_bytes({&expected, 1}, {&actual, 1}, std::move(shape), differences);
}

}  // namespace understudy
