// Which values of responses are carried into later requests, as a user writes it.
//
//   rule        := source " -> " destination [ " scope=all" ] | "cookies" [ " scope=all" ]
//   source      := "json:/" POINTER | "header:" NAME | "cookie:" NAME        of the response; cookie is Set-Cookie's
//   destination := "header:" NAME [ "=" TEMPLATE ] | "cookie:" NAME | "param:" NAME | "json:/" POINTER | "path"
//
//   "json:/access_token -> header:Authorization"      "Bearer R" becomes "Bearer C"
//   "json:/id -> path scope=all"                      /orders/R/items becomes /orders/C/items, in every session
//   "header:X-CSRF-Token -> param:csrf"               in the query, and in urlencoded form bodies
//   "json:/access_token -> header:Authorization=Bearer {}"
//   "cookies"                                         each cookie that a response sets
//
// R is the value in the recorded response, C the one in the replayed response to the same request. Where a destination
// of a later request of the same session holds R, C takes its place: as a whole, or in a header, a cookie and a JSON
// string as a word of word_min bytes at least. Nothing else is touched. In a pointer "*" stands for any member or
// element; of a source the first one counts. With scope=all the values are for all sessions: ids that one client made
// and others use.
//
// Recordings hide the values of Authorization, Cookie and Set-Cookie unless they were made with --keep-secrets. A
// template helps there: where the request has the field, it becomes the template with the latest C for "{}", whatever
// it was. And a Cookie field that is redacted becomes all cookies that the rules have a latest C of.
//
// Thread safety: const objects may be used from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/rules/json_redaction.hpp"

namespace understudy {

enum class CarrySource : std::uint8_t { json, header, cookie };
enum class CarryDestination : std::uint8_t { header, cookie, param, json, path };

struct CarryRule {
  CarrySource source = CarrySource::json;
  std::string source_name;         // of the header or cookie; empty for every cookie
  JsonSelection source_selection;  // of json
  CarryDestination destination = CarryDestination::header;
  std::string destination_name;         // of the header, cookie or parameter; empty for every cookie
  std::string destination_template;     // with "{}", or empty
  JsonSelection destination_selection;  // of json
  bool all_sessions = false;
};

class CarryRules {
 public:
  static constexpr std::size_t rules_max = 64;
  static constexpr std::size_t word_min = 6;

  CarryRules() = default;  // none
  // ExitCode::usage with the rule and the position.
  [[nodiscard]] static Result<CarryRules> compile(std::span<const std::string> texts);

  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] std::span<const CarryRule> rules() const { return rules_; }

 private:
  std::vector<CarryRule> rules_;
};

}  // namespace understudy
