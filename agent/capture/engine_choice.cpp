#include "agent/capture/engine_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace understudy {
namespace {

// Another engine would fail in the same way.
bool ends_the_search(ExitCode code) {
  return code == ExitCode::bad_filter || code == ExitCode::usage || code == ExitCode::internal;
}

ExitCode common_code(const std::vector<ExitCode>& codes) {
  const auto is_first = [&](ExitCode code) { return code == codes.front(); };
  if (std::all_of(codes.begin(), codes.end(), is_first)) return codes.front();
  const bool rights = std::find(codes.begin(), codes.end(), ExitCode::permission) != codes.end();
  return rights ? ExitCode::permission : ExitCode::engine_missing;
}

std::string listed(const std::vector<EngineRefusal>& refused) {
  std::vector<std::string> texts;
  texts.reserve(refused.size());
  for (const EngineRefusal& refusal : refused) texts.push_back(refusal.engine + ": " + refusal.reason);
  return fmt::format("{}", fmt::join(texts, "; "));
}

Result<ChosenEngine> open_first(const std::vector<EngineKind>& kinds, const LiveOptions& options) {
  EngineChoice choice;
  choice.asked = automatic_engine;
  std::vector<ExitCode> codes;
  for (const EngineKind& kind : kinds) {
    Result<std::unique_ptr<Engine>> engine = kind.open(options);
    if (engine) {
      choice.chosen = kind.name;
      choice.caveat = kind.caveat;
      return ChosenEngine{*std::move(engine), std::move(choice)};
    }
    if (kinds.size() == 1 || ends_the_search(engine.error().code)) return tl::unexpected(std::move(engine.error()));
    codes.push_back(engine.error().code);
    choice.refused.push_back({kind.name, std::move(engine.error().message)});
  }
  return fail(common_code(codes), fmt::format("no capture engine works here: {}", listed(choice.refused)));
}

}  // namespace

Result<void> check_engine_name(const std::vector<EngineKind>& kinds, const std::string& name) {
  std::vector<std::string> names{std::string(automatic_engine)};
  for (const EngineKind& kind : kinds) names.push_back(kind.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return {};
  return fail(ExitCode::usage,
              fmt::format("there is no capture engine '{}' here; choose one of {}", name, fmt::join(names, ", ")));
}

Result<ChosenEngine> open_engine(const std::vector<EngineKind>& kinds, const std::string& asked,
                                 const LiveOptions& options) {
  if (asked == automatic_engine) return open_first(kinds, options);
  for (const EngineKind& kind : kinds) {
    if (kind.name != asked) continue;
    Result<std::unique_ptr<Engine>> engine = kind.open(options);
    if (!engine) return tl::unexpected(std::move(engine.error()));
    return ChosenEngine{*std::move(engine), {asked, kind.name, kind.caveat, {}}};
  }
  return tl::unexpected(check_engine_name(kinds, asked).error());
}

std::string to_string(const EngineChoice& choice) {
  std::string text = choice.asked == automatic_engine ? fmt::format("auto chose {}", choice.chosen) : choice.chosen;
  if (!choice.refused.empty()) text += "; refused " + listed(choice.refused);
  return text;
}

}  // namespace understudy
