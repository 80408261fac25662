#include "traffic/rules/selector.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <utility>

namespace understudy {
namespace {

constexpr std::array<std::pair<std::string_view, Subject>, 7> subjects{{{"method", Subject::method},
                                                                        {"path", Subject::path},
                                                                        {"url", Subject::url},
                                                                        {"client", Subject::client},
                                                                        {"header", Subject::header},
                                                                        {"param", Subject::param},
                                                                        {"cookie", Subject::cookie}}};

}  // namespace

Result<Selector> Selector::parse(const RuleText& rule, std::string_view part) {
  const std::size_t colon = part.find(':');
  const std::string_view word = part.substr(0, colon);
  for (const auto& [name, subject] : subjects) {
    if (word != name) continue;
    Selector selector{subject, {}};
    if (!selector.has_name()) {
      if (colon == std::string_view::npos) return selector;
      return rule_error(rule, part.substr(colon), fmt::format("'{}' takes no name", name));
    }
    const std::string_view wanted = colon == std::string_view::npos ? std::string_view() : part.substr(colon + 1);
    if (wanted.empty()) return rule_error(rule, part, fmt::format("write {0}:NAME, the name of the {0}", name));
    if (subject != Subject::param && !is_token(wanted)) {
      return rule_error(rule, wanted, fmt::format("'{}' cannot be the name of a {}", wanted, name));
    }
    selector.name = wanted;
    return selector;
  }
  return rule_error(rule, part, "expected method, path, url, client, header:NAME, param:NAME or cookie:NAME");
}

std::string_view url_of(const HttpMessage& request) {
  const std::string_view target = request.target();
  return target.substr(split_target(target).prefix.size());
}

bool next_cookie(std::string_view& rest, std::string_view& name, std::string_view& value) {
  while (!rest.empty()) {
    const std::string_view pair = trim_blanks(rest.substr(0, rest.find(';')));
    const std::size_t end = rest.find(';');
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    name = trim_blanks(pair.substr(0, equals));
    value = equals == std::string_view::npos ? pair.substr(pair.size()) : trim_blanks(pair.substr(equals + 1));
    return true;
  }
  return false;
}

}  // namespace understudy
