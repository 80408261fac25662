#include "replay/environment_actions.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "replay/environment/statistics_comparison.hpp"
#include "replay/report/file_set.hpp"
#include "replay/signal_pause.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"
#include "traffic/base/shutdown.hpp"

namespace understudy {
namespace {

// The client with what it needs.
struct Session {
  std::unique_ptr<ControlSignals> signals;
  std::unique_ptr<SignalPause> pause;
  std::unique_ptr<EnvironmentClient> client;
};

[[nodiscard]] Result<Session> open_session(const EnvironmentOptions& options) {
  if (options.http.tls.insecure && options.http.target.is_tls) {
    fmt::print(stderr, "understudy-replay: --insecure: the certificate of {} is not verified\n",
               options.http.target.display());
  }
  auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  Session session{std::move(*signals), nullptr, nullptr};
  session.pause = std::make_unique<SignalPause>(*session.signals);
  session.client = std::make_unique<EnvironmentClient>(options, system_clock(), *session.pause);
  return session;
}

[[nodiscard]] std::string health_json(const Result<HealthPayload>& health, const HealthPoll& last) {
  JsonWriter json;
  json.begin_object().member("healthy", health.has_value()).member("polls", last.number);
  json.member("elapsed_seconds", std::chrono::duration<double>(last.elapsed).count());
  if (health) {
    json.member("build_version", std::string_view(health->build_version));
    json.member("build_timestamp", std::string_view(health->build_timestamp));
  } else {
    json.member("last_poll", std::string_view(last.text));
    json.member("error", std::string_view(health.error().message));
  }
  json.end_object();
  return json.take();
}

[[nodiscard]] Result<std::string> read_saved(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return fail(ExitCode::usage, fmt::format("--compare: cannot read '{}': {}", path, error.message()));
  if (size > HttpClient::body_size_max) {
    return fail(ExitCode::usage, fmt::format("--compare: '{}' is larger than {}; is it a file of --save?", path,
                                             bytes_text(HttpClient::body_size_max)));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    return fail(ExitCode::usage,
                fmt::format("--compare: cannot read '{}': {}", path, std::generic_category().message(errno)));
  }
  return text;
}

[[nodiscard]] Result<FlatJson> flatten_saved(const std::string& path) {
  const Result<std::string> text = read_saved(path);
  if (!text) return tl::unexpected(text.error());
  auto flat = flatten_json(fmt::format("--compare: '{}'", path), *text);
  if (!flat) flat.error().code = ExitCode::usage;
  return flat;
}

[[nodiscard]] Result<void> save(const std::string& path, const std::string& content) {
  const std::filesystem::path file(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  return replace_files(folder, {{file.filename().string(), content}});
}

[[nodiscard]] ExitCode exit_code(StatisticsVerdict verdict) {
  switch (verdict) {
    case StatisticsVerdict::passed: return ExitCode::ok;
    case StatisticsVerdict::violated: return ExitCode::differences;
    case StatisticsVerdict::inconclusive: return ExitCode::inconclusive;
  }
  return ExitCode::internal;
}

}  // namespace

Result<ExitCode> run_health(const HealthCommand& command) {
  const Result<Session> session = open_session(command.environment);
  if (!session) return tl::unexpected(session.error());
  HealthPoll last;
  const auto progress = [&](const HealthPoll& poll) {
    // A line for what is new, not for each poll.
    if (!command.quiet && (poll.text != last.text || poll.in_a_row != last.in_a_row)) {
      fmt::print(stderr, "{}: {} of {} healthy: {}\n", duration_text(poll.elapsed), poll.in_a_row, command.wait.polls,
                 poll.text);
    }
    last = poll;
  };
  const Result<HealthPayload> health = wait_healthy(*session->client, command.wait, progress);
  if (command.json) fmt::print("{}\n", health_json(health, last));
  if (!health) return tl::unexpected(health.error());
  if (!command.json) {
    fmt::print("{} is healthy: {}, {} polls in {}\n", session->client->display(), health->text(), last.number,
               duration_text(last.elapsed));
  }
  return ExitCode::ok;
}

Result<ExitCode> run_statistics(const StatisticsCommand& command) {
  // What is wrong with the file is told before the service is asked.
  Result<FlatJson> before = FlatJson();
  if (!command.compare.empty()) before = flatten_saved(command.compare);
  if (!before) return tl::unexpected(before.error());
  const Result<Session> session = open_session(command.environment);
  if (!session) return tl::unexpected(session.error());
  const Result<std::string> body = session->client->statistics();
  if (!body) return tl::unexpected(body.error());
  if (!command.save.empty()) {
    if (auto saved = save(command.save, *body); !saved) return tl::unexpected(saved.error());
    fmt::print(stderr, "statistics written to '{}'\n", command.save);
  }
  if (command.compare.empty()) {
    if (command.save.empty()) fmt::print("{}\n", *body);
    return ExitCode::ok;
  }
  const Result<FlatJson> after = flatten_json("the answer of " + command.environment.paths.statistics, *body);
  if (!after) return tl::unexpected(after.error());
  const StatisticsComparison comparison = compare_statistics(*before, *after, command.rules);
  fmt::print("{}", command.json ? to_json(comparison) + "\n" : to_text(comparison));
  return exit_code(comparison.verdict());
}

}  // namespace understudy
