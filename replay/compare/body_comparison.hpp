// Compares the bodies of two responses: by their bytes, decoded, or as JSON.
//
// Thread safety: one thread.
#pragma once

#include <string_view>

#include "replay/compare/compare_rules.hpp"
#include "replay/compare/difference.hpp"
#include "replay/compare/json_comparison.hpp"
#include "replay/compare/json_document.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

class BodyComparison {
 public:
  // The rules outlive it.
  explicit BodyComparison(const CompareRules& rules) : rules_(rules), json_(rules) {}

  // Adds what differs. REQUIRES: both bodies are kept.
  void compare(const HttpMessage& expected, const HttpMessage& actual, Differences& differences);

 private:
  // Contents without coding. `as_json`: their types say that they are.
  void compare_contents(std::string_view expected, std::string_view actual, bool as_json, Differences& differences);

  const CompareRules& rules_;
  JsonArena arena_;
  JsonComparison json_;
};

}  // namespace understudy
