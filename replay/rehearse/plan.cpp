#include "replay/rehearse/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include "replay/rehearse/plan_sections.hpp"
#include "traffic/command_line/toml_table.hpp"

namespace understudy {
namespace {

constexpr std::size_t plan_size_max = std::size_t{1} << 20U;

// FNV-1a, 64 bits.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 1099511628211ULL;
    }
    value_ ^= 0xff;  // between two texts
    value_ *= 1099511628211ULL;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 14695981039346656037ULL;
};

[[nodiscard]] std::uint64_t fingerprint_of(const RehearsalPlan& plan) {
  Fingerprint fingerprint;
  for (const SidePlan* side : {&plan.baseline, &plan.candidate}) {
    fingerprint.add(side->url);
    fingerprint.add(side->device);
    fingerprint.add(side->clone);
    fingerprint.add(side->migrate);
    fingerprint.add(side->restart);
    fingerprint.add(side->cache_reset);
  }
  for (const std::string& recording : plan.recordings) fingerprint.add(recording);
  for (const PlannedFlag& flag : plan.run_flags) {
    fingerprint.add(flag.name);
    for (const std::string& value : flag.values) fingerprint.add(value);
  }
  fingerprint.add(std::to_string(plan.pairs.warm_up.count()));
  return fingerprint.value();
}

// Positions of `--name` in a message, as a whole word.
[[nodiscard]] bool names_flag(std::string_view message, const std::string& name) {
  const std::string flag = "--" + name;
  for (std::size_t at = message.find(flag); at != std::string_view::npos; at = message.find(flag, at + 1)) {
    const std::size_t end = at + flag.size();
    if (end == message.size() || (std::isalnum(static_cast<unsigned char>(message[end])) == 0 && message[end] != '-')) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string SidePlan::shown_url() const {
  const auto target = parse_target(url);
  return target ? target->display() : std::string();
}

Result<RehearsalPlan> parse_plan(const std::string& path, std::string_view text, const GetVariable& variable) {
  TomlErrors errors(path);
  toml::table table;
  try {
    table = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    errors.add(error.source().begin.line, std::string(error.description()));
    return tl::unexpected(*errors.first());
  }
  RehearsalPlan plan;
  plan.path = path;
  TomlTable root(&table, "", 0, errors);
  plan.name = root.text("name", "rehearsal");
  read_side(root.table("baseline"), RunSide::baseline, variable, plan.baseline);
  read_side(root.table("candidate"), RunSide::candidate, variable, plan.candidate);
  read_traffic(root, plan);
  read_pairs(root.table("pairs"), plan.pairs);
  read_verdict(root.table("verdict"), plan);
  read_environment(root.table("environment"), plan.environment);
  for (TomlTable& clone : root.tables("clone")) read_clone(clone, plan.clones);
  read_forecast(root.table("forecast"), plan);
  read_trace(root.table("trace"), plan.trace);
  root.finish();
  if (errors.first()) return tl::unexpected(*errors.first());
  plan.fingerprint = fingerprint_of(plan);
  return plan;
}

Result<RehearsalPlan> read_plan(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ExitCode::configuration,
                fmt::format("cannot read the plan '{}': {}. `rehearse --print-plan` prints one "
                            "to start from",
                            path, std::generic_category().message(errno)));
  }
  std::string text(plan_size_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > plan_size_max)
    return fail(ExitCode::configuration, fmt::format("'{}' is larger than a plan", path));
  return parse_plan(path, text, [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  });
}

Error at_plan_line(const RehearsalPlan& plan, const Error& error) {
  for (const PlannedFlag& flag : plan.run_flags) {
    if (!names_flag(error.message, flag.name)) continue;
    return {ExitCode::configuration, fmt::format("{}:{}: {}", plan.path, flag.line, error.message)};
  }
  return {error.code, fmt::format("{}: {}", plan.path, error.message)};
}

std::vector<std::string> run_arguments(const RehearsalPlan& plan, const std::string& url,
                                       const std::vector<std::string>& extra) {
  std::vector<std::string> arguments = {"run"};
  arguments.insert(arguments.end(), plan.recordings.begin(), plan.recordings.end());
  arguments.push_back("--to=" + url);
  for (const PlannedFlag& flag : plan.run_flags) {
    if (flag.is_switch) arguments.push_back("--" + flag.name);
    for (const std::string& value : flag.values) arguments.push_back(fmt::format("--{}={}", flag.name, value));
  }
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  return arguments;
}

}  // namespace understudy
