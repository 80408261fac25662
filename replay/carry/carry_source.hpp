// Finds in a response what a rule carries.
//
// Pure. Contents in gzip and deflate are decoded; other codings, and contents beyond a limit, are not looked into.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/carry/carry_rules.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// A response, and its content as soon as a rule asks for it. The message outlives it.
class CarrySourceReader {
 public:
  CarrySourceReader(const HttpMessage& response, std::size_t body_max) : response_(response), body_max_(body_max) {}

  // The value of a rule with one source: nothing when it is not there, empty, or redacted.
  [[nodiscard]] std::optional<std::string> value(const CarryRule& rule);
  // Every cookie that is set, with its value; a redacted field gives none, a cookie that is removed an empty value.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> cookies() const;

 private:
  [[nodiscard]] const std::string& content();

  const HttpMessage& response_;
  const std::size_t body_max_;
  std::optional<std::string> content_;
};

}  // namespace understudy
