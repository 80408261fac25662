#include "replay/rehearse/plan_sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "replay/environment/header_fields.hpp"

namespace understudy {
namespace {

// Flags of `run` that the rehearsal sets itself, or that a plan has another place for.
struct OwnFlag {
  std::string_view name;
  std::string_view instead;
};
constexpr OwnFlag own_flags[] = {
    {"to", "is [baseline] and [candidate] url"},
    {"baseline", "is [baseline] url: each run has one target, so that the other does not disturb it"},
    {"out", "is the flag --out"},
    {"json", "is the flag --json"},
    {"quiet", "is the flag --quiet"},
    {"config", "is the plan"},
    {"print-config", "has no meaning in a plan"},
    {"fail-if", "is [verdict] fail-if"},
    {"warm-up", "is [pairs] warm-up: a run of its own in front, which no counter sees"},
    {"cool-down", "has no meaning here: the database cannot leave out a part of a run"},
    {"live-delay", "is for a pipe, which can be played only once"},
};

void read_flags(TomlTable table, std::vector<PlannedFlag>& flags) {
  for (const std::string& key : table.remaining()) {
    const auto* own = std::ranges::find(own_flags, key, &OwnFlag::name);
    if (own != std::end(own_flags)) {
      table.refuse(key, std::string(own->instead));
      return;
    }
    TomlTable::Words words = table.words(key);
    if (words.is_switch == false) continue;
    flags.push_back({key, std::move(words.values), words.is_switch.value_or(false), table.line_of(key)});
  }
}

void read_headers(TomlTable& table, SidePlan& plan) {
  for (const std::string& text : table.texts("header")) {
    const auto added = add_header_fields(text, plan.headers);
    if (!added) return table.refuse("header", added.error().message);
  }
}

void read_database(TomlTable& table, const GetVariable& variable, SidePlan& plan) {
  plan.database = table.text("database");
  const std::string name = table.text("database-env");
  if (!name.empty()) {
    if (!plan.database.empty()) return table.refuse("database-env", "and 'database' exclude each other");
    const std::optional<std::string> value = variable(name);
    if (!value || value->empty()) return table.refuse("database-env", fmt::format("names {}, which is not set", name));
    plan.database = *value;
  }
  plan.device = table.text("device", "auto");
  plan.log_file = table.text("log-file");
  TomlTable cloudwatch = table.table("cloudwatch");
  if (!cloudwatch.is_given()) return;
  CloudWatchOptions options;
  options.region = cloudwatch.wanted_text("region");
  options.instance = cloudwatch.wanted_text("instance");
  options.endpoint = cloudwatch.text("endpoint");
  cloudwatch.finish();
  plan.cloudwatch = options;
}

template <typename T>
void read_choice(TomlTable& table, std::string_view key, const std::vector<std::pair<std::string_view, T>>& choices,
                 std::optional<T>& out) {
  const std::string given = table.text(key);
  if (given.empty()) return;
  std::string names;
  for (const auto& [name, value] : choices) {
    if (name == given) {
      out = value;
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  table.refuse(key, "must be one of: " + names);
}

[[nodiscard]] CloneEndpoint read_endpoint(TomlTable table, CloneKind kind) {
  CloneEndpoint endpoint;
  endpoint.kind = kind;
  if (kind == CloneKind::s3) {
    endpoint.bucket = table.wanted_text("bucket");
    endpoint.prefix = table.text("prefix");
    endpoint.endpoint = table.text("endpoint");
  } else {
    endpoint.database = table.wanted_text("database");
  }
  endpoint.credential_ref = table.text("credential-ref");
  table.finish();
  return endpoint;
}

}  // namespace

void read_side(TomlTable table, RunSide side, const GetVariable& variable, SidePlan& plan) {
  plan.url = table.wanted_text("url");
  plan.url_line = table.line_of("url");
  if (!plan.url.empty()) {
    if (auto url = parse_target(plan.url); !url) table.refuse("url", url.error().message);
  }
  const std::string environment = table.text("environment", plan.url);
  if (environment != "none" && !environment.empty()) {
    if (auto target = parse_target(environment)) {
      plan.environment = std::move(*target);
    } else {
      table.refuse("environment", target.error().message);
    }
  }
  read_headers(table, plan);
  plan.expect_version = table.text("expect-version");
  read_database(table, variable, plan);
  plan.clone = table.text("clone");
  plan.migrate = table.text("migrate");
  if (side == RunSide::baseline && !plan.migrate.empty()) {
    table.refuse("migrate", "is the candidate's: the baseline stays as it is");
  }
  plan.restart = table.text("restart");
  plan.cache_reset = table.text("cache-reset");
  table.finish();
}

void read_traffic(TomlTable& root, RehearsalPlan& plan) {
  TomlTable traffic = root.table("traffic");
  plan.recordings = traffic.texts("recording");
  if (plan.recordings.empty()) traffic.refuse("recording", "is missing: name the recordings that are played");
  if (std::ranges::count(plan.recordings, "-") > 0) {
    traffic.refuse("recording", "cannot be a pipe: every run plays the same requests");
  }
  read_flags(traffic, plan.run_flags);
  for (const std::string_view name : {"pacing", "sessions", "rules", "comparison", "connection"}) {
    read_flags(root.table(name), plan.run_flags);
  }
}

void read_pairs(TomlTable table, PairsPlan& plan) {
  plan.count = table.number("count", plan.count, 1, VerdictMethod::pairs_max);
  plan.noise_count = table.number("aa", plan.noise_count, 0, VerdictMethod::pairs_max);
  table.parsed("warm-up", parse_duration, plan.warm_up);
  plan.repeats_max = table.number("repeats-max", plan.repeats_max, 0, 100);
  table.finish();
}

void read_verdict(TomlTable table, RehearsalPlan& plan) {
  VerdictMethod& method = plan.method;
  for (const std::string& text : table.texts("fail-if")) {
    if (auto objective = Objective::parse(text)) {
      plan.objectives.push_back(std::move(*objective));
    } else {
      table.refuse("fail-if", objective.error().message);
    }
  }
  method.alpha = table.real("alpha", method.alpha, 0.0001, 0.4);
  method.margin = table.real("margin", method.margin, 1.001, 100);
  method.pairs_needed = table.number("pairs-needed", method.pairs_needed, 6, VerdictMethod::pairs_max);
  method.requests_min = table.number("requests-min", method.requests_min, 1, 1'000'000'000);
  method.rate_share_min = table.real("rate-share-min", method.rate_share_min, 0, 1);
  method.cache_ratio_factor = table.real("data-cache-factor", method.cache_ratio_factor, 1.01, 100);
  if (table.has("data-cache-ratio")) {
    plan.production_data_cache_ratio = table.real("data-cache-ratio", 1, 0.001, 1'000'000);
  }
  table.finish();
}

void read_environment(TomlTable table, EnvironmentPlan& plan) {
  plan.polls = static_cast<unsigned>(table.number("polls", plan.polls, 1, 1000));
  table.parsed("interval", parse_duration, plan.interval);
  if (plan.interval < std::chrono::milliseconds(10)) table.refuse("interval", "must be at least 10ms");
  table.parsed("wait", parse_duration, plan.wait);
  plan.unfit_max = static_cast<unsigned>(table.number("unfit-max", plan.unfit_max, 1, 1000));
  plan.maintenance = table.flag("maintenance", plan.maintenance);
  plan.tests = table.flag("tests", plan.tests);
  plan.statistics = table.flag("statistics", plan.statistics);
  if (auto rules = StatisticsRules::compile(table.texts("statistics-rules"))) {
    plan.statistics_rules = std::move(*rules);
  } else {
    table.refuse("statistics-rules", rules.error().message);
  }
  table.parsed("command-timeout", parse_duration, plan.command_timeout);
  table.finish();
}

void read_clone(TomlTable& table, std::vector<ClonePlan>& plan) {
  ClonePlan clone;
  std::optional<RunSide> side;
  read_choice<RunSide>(table, "on", {{"baseline", RunSide::baseline}, {"candidate", RunSide::candidate}}, side);
  clone.on = side.value_or(RunSide::candidate);
  clone.request.id = table.wanted_text("id");
  std::optional<CloneKind> kind;
  read_choice<CloneKind>(table, "kind", {{"postgres", CloneKind::postgres}, {"s3", CloneKind::s3}}, kind);
  if (!kind) table.refuse("kind", "is missing: postgres or s3");
  clone.request.source = read_endpoint(table.table("source"), kind.value_or(CloneKind::postgres));
  clone.request.destination = read_endpoint(table.table("destination"), kind.value_or(CloneKind::postgres));
  CloneOptions& options = clone.request.options;
  read_choice<CloneMethod>(table, "method",
                           {{"template", CloneMethod::template_database},
                            {"basebackup", CloneMethod::basebackup},
                            {"dump", CloneMethod::dump}},
                           options.method);
  read_choice<CloneOnExisting>(
      table, "on-existing",
      {{"skip", CloneOnExisting::skip}, {"overwrite", CloneOnExisting::overwrite}, {"fail", CloneOnExisting::fail}},
      options.on_existing);
  read_choice<CloneVerify>(
      table, "verify", {{"size", CloneVerify::size}, {"etag", CloneVerify::etag}, {"checksum", CloneVerify::checksum}},
      options.verify);
  if (table.has("workers")) options.workers = table.number("workers", 1, 1, 1000);
  options.after = table.texts("after");
  table.parsed("deadline", parse_duration, clone.deadline);
  if (auto body = to_json(clone.request); !body) table.refuse("id", body.error().message);
  table.finish();
  plan.push_back(std::move(clone));
}

void read_forecast(TomlTable table, RehearsalPlan& plan) {
  if (!table.is_given()) return;
  ForecastPlan forecast;
  const std::string volume = table.wanted_text("volume");
  if (!volume.empty()) table.parsed("volume", parse_ebs_volume, forecast.volume);
  forecast.volume.is_rds = table.flag("rds", false);
  table.parsed("burst-balance", parse_percentage, forecast.burst_balance);
  forecast.scale = table.real("scale", 1, 0.0001, 1'000'000);
  table.finish();
  plan.forecast = forecast;
}

void read_trace(TomlTable table, TracePlan& plan) {
  if (!table.is_given()) return;
  plan.key = table.text("comment-key", "traceparent");
  plan.header = table.text("header", "traceparent");
  table.finish();
}

}  // namespace understudy
