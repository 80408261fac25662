// Responses for the comparison's tests, and what a comparison of two of them says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/compare/comparator.hpp"
#include "replay/compare/compare_rules.hpp"
#include "tests/support/messages.hpp"

namespace understudy::test {

// A response with further field lines, each with its CRLF.
inline HttpMessage respond(std::string_view body, std::string_view field_lines = "", int status = 200) {
  return read_response("HTTP/1.1 " + std::to_string(status) + " Any\r\n" + std::string(field_lines) +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

inline HttpMessage respond_json(std::string_view body, int status = 200) {
  return respond(body, "Content-Type: application/json\r\n", status);
}

// "json_value /items/*/price: 1 -> 2" for each difference, in the order found.
inline std::vector<std::string> told(const Differences& differences) {
  std::vector<std::string> lines;
  for (const Difference& difference : differences.list) {
    lines.push_back(std::string(to_string(difference.kind)) + " " + difference.shape + ": " + difference.expected +
                    " -> " + difference.actual);
  }
  return lines;
}

inline std::vector<std::string> compare(const HttpMessage& expected, const HttpMessage& actual,
                                        const CompareOptions& options = {}) {
  const CompareRules rules = CompareRules::compile(options).value();
  Comparator comparator(rules);
  return told(comparator.compare(expected, actual));
}

inline std::vector<std::string> compare_json(std::string_view expected, std::string_view actual,
                                             const CompareOptions& options = {}) {
  return compare(respond_json(expected), respond_json(actual), options);
}

}  // namespace understudy::test
