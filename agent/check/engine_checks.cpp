#include "agent/check/engine_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

struct Probed {
  const EngineKind* kind = nullptr;
  Result<std::string> outcome;
};

// Which one `asked` leads to; the end when there is none.
std::vector<Probed>::const_iterator would_be_used(const std::vector<Probed>& all, const std::string& asked) {
  return std::find_if(all.begin(), all.end(), [&](const Probed& probed) {
    return asked == automatic_engine ? probed.outcome.has_value() : probed.kind->name == asked;
  });
}

CheckItem judge(const Probed& probed, bool is_used, bool must_work) {
  CheckItem item;
  item.name = "engine";
  item.about = probed.kind->name;
  const std::string& caveat = probed.kind->caveat;
  if (!caveat.empty()) item.details.push_back(caveat);
  if (!probed.outcome) {
    item.status = must_work ? CheckStatus::failed : CheckStatus::skipped;
    item.found = probed.outcome.error().message;
    return item;
  }
  item.found = is_used ? *probed.outcome : fmt::format("would work, and is not needed: {}", *probed.outcome);
  item.status = !is_used ? CheckStatus::skipped : caveat.empty() ? CheckStatus::ok : CheckStatus::warning;
  return item;
}

}  // namespace

std::vector<CheckItem> check_engines(const std::vector<EngineKind>& kinds, const std::string& asked) {
  std::vector<Probed> all;
  all.reserve(kinds.size());
  for (const EngineKind& kind : kinds) all.push_back({&kind, kind.probe()});
  const auto used = would_be_used(all, asked);
  std::vector<CheckItem> items;
  items.reserve(all.size());
  for (auto probed = all.cbegin(); probed != all.cend(); ++probed) {
    items.push_back(judge(*probed, probed == used, probed == used || used == all.cend()));
  }
  return items;
}

}  // namespace understudy
