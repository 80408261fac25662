// What differs between two responses to one request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

enum class DifferenceKind : std::uint8_t {
  no_response,   // the candidate gave none; shape: why
  status,        // shape: "200 -> 500"
  content_type,  // shape: "application/json -> text/html"
  header,        // shape: the field's name, "Set-Cookie: sid" for a cookie
  body,          // no JSON, or only one of the two is; shape: "bytes", "size", "JSON -> other", "br -> identity", ...
  json_missing,  // shape of the JSON kinds: a pointer (RFC 6901), with "*" for indices and for identifiers
  json_extra,
  json_type,
  json_value,
  json_order,  // the same elements in another order
};
inline constexpr std::size_t difference_kinds = 10;

// "no_response", "status", ...
[[nodiscard]] std::string_view to_string(DifferenceKind kind);

// Whether the kind is of the body's content.
[[nodiscard]] constexpr bool is_of_body(DifferenceKind kind) { return kind >= DifferenceKind::body; }

// Whether the kind is of how the request ended.
[[nodiscard]] constexpr bool is_of_outcome(DifferenceKind kind) { return kind <= DifferenceKind::status; }

struct Difference {
  DifferenceKind kind = DifferenceKind::status;
  std::string shape;     // what is the same for all differences of this sort; shape_max bytes at most
  std::string expected;  // short, printable, secrets hidden; empty when there is nothing to show
  std::string actual;
  double size = 0;  // how bad within its kind: the relative difference of numbers, else 0
};

inline constexpr std::size_t shape_max = 256;
inline constexpr std::size_t shown_value_max = 80;

// Those of one pair of responses, each (kind, shape) once: an array whose hundred elements all lack one member is one
// difference. At most differences_max, the first ones found.
struct Differences {
  static constexpr std::size_t differences_max = 100;

  std::vector<Difference> list;
  bool cut = false;           // there were more, or the work for one pair was used up
  bool outcome_only = false;  // there was no response, or one of another class: headers and bodies were not compared

  [[nodiscard]] bool empty() const { return list.empty(); }
  [[nodiscard]] const Difference* find(DifferenceKind kind, std::string_view shape) const;
  // Adds it, unless it is there already or there is no room.
  void add(Difference difference);
  void clear();
};

}  // namespace understudy
