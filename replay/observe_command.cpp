#include "replay/observe_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "replay/database/database_observer.hpp"
#include "traffic/base/quantity_text.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr std::size_t top_max = 1000;
constexpr Nanoseconds window_max = std::chrono::hours(24);

constexpr const char* footer = R"(Examples:
  understudy-replay observe postgres://postgres@db.test/orders --for 1m
  understudy-replay observe 'host=/run/postgresql dbname=orders' --top 3 --device auto --json
  understudy-replay observe postgres://admin@orders.abc.eu-west-1.rds.amazonaws.com/orders --for 10m --cloudwatch eu-west-1:orders

The password comes from --password-file, PGPASSWORD or ~/.pgpass, as for psql; one in the address is seen by others on
this host. No setting of the server is changed, and what this program asks is left out.
Ctrl-C ends the window early; what was seen is printed.
Exit codes: 0 observed, 4 not allowed, 9 the address cannot be read, 23 the database is not reached, too old, or ended in
the window; docs/database.md says what each counter is worth.)";

struct RawObserve {
  std::string url, window = "20s", device = "auto", log, password_file, cloudwatch, cloudwatch_endpoint;
  std::string connect_timeout = "5s";
  std::size_t top = 10;
  bool no_plans = false, json = false, quiet = false;
};

struct ObserveSettings {
  ObserverOptions observer;
  Nanoseconds window{};
  std::size_t top = 0;
  bool json = false;
  bool quiet = false;
};

void define_observe(CLI::App& command, RawObserve& raw) {
  command.add_option("database", raw.url, "postgres://user@host:port/name, or \"host=... dbname=...\"")
      ->required()
      ->type_name("URL");
  OptionGroup group(command, "Observation (docs/database.md)");
  group.one("--for", raw.window, "TIME", "How long to observe");
  group.one("--top", raw.top, "N", "Query classes that are printed, with their plans");
  group.one("--device", raw.device, "DEVICE", "Device of the data folder, or a folder on it; auto: look; none");
  group.one("--log", raw.log, "FILE", "The server's csvlog or jsonlog, for latencies");
  group.flag("--no-plans", raw.no_plans, "Ask for no plans");
  group.one("--cloudwatch", raw.cloudwatch, "REGION:INSTANCE", "Ask CloudWatch for an RDS instance's disk");
  group.one("--cloudwatch-endpoint", raw.cloudwatch_endpoint, "URL",
            "Where CloudWatch is, if not at the region's address");
  group.one("--password-file", raw.password_file, "FILE", "Its first line is the password");
  group.one("--connect-timeout", raw.connect_timeout, "TIME", "For connecting and signing in");
  group.flag("--quiet", raw.quiet, "No progress");
  group.flag("--json", raw.json, "Print JSON instead of text");
}

Result<ObserveSettings> validate_observe(const RawObserve& raw) {
  ObserveSettings settings;
  ObserverOptions& options = settings.observer;
  Validation check;
  check.read("for", raw.window, parse_duration, settings.window);
  check.require(settings.window.count() > 0 && settings.window <= window_max, "for", "takes a time of up to 1d");
  check.require(raw.top >= 1 && raw.top <= top_max, "top", "takes a number from 1 to 1000");
  check.read("connect-timeout", raw.connect_timeout, parse_duration, options.connection.connect_timeout);
  check.require(!raw.device.empty(), "device", "takes a device, a folder, auto or none");
  if (!raw.password_file.empty()) {
    std::string password;
    check.read("password-file", raw.password_file, read_secret, password);
    options.connection.password = password;
  }
  if (!raw.cloudwatch.empty()) {
    const std::size_t colon = raw.cloudwatch.find(':');
    const bool is_whole = colon != std::string::npos && colon > 0 && colon + 1 < raw.cloudwatch.size();
    check.require(is_whole, "cloudwatch", "takes a region and an instance, such as eu-west-1:orders");
    if (is_whole) {
      options.cloudwatch =
          CloudWatchOptions{raw.cloudwatch.substr(0, colon), raw.cloudwatch.substr(colon + 1), raw.cloudwatch_endpoint};
    }
  }
  if (check.error()) return tl::unexpected(*check.error());
  if (auto shown = display_database(raw.url); !shown) return tl::unexpected(shown.error());
  options.connection.where = raw.url;
  options.connection.ambient_password = true;
  options.device = raw.device;
  options.log_file = raw.log;
  options.plans_max = raw.no_plans ? 0 : raw.top;
  settings.top = raw.top;
  settings.json = raw.json;
  settings.quiet = raw.quiet;
  return settings;
}

// Until the window is over, or somebody asks to stop.
void wait_window(ControlSignals& signals, Nanoseconds window) {
  const MonotonicTime end = system_clock().monotonic_now() + window;
  while (!signals.stop_requested()) {
    const Nanoseconds left = end - system_clock().monotonic_now();
    if (left.count() <= 0) return;
    (void)signals.wait(left);
  }
}

Result<ExitCode> run_observe(const ObserveSettings& settings) {
  auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  auto observer = DatabaseObserver::open(settings.observer, system_clock());
  if (!observer) return tl::unexpected(observer.error());
  if (auto started = (*observer)->start(); !started) return tl::unexpected(started.error());
  if (!settings.quiet) {
    fmt::print(stderr, "observing {} for {}\n", *display_database(settings.observer.connection.where),
               duration_text(settings.window));
  }
  wait_window(**signals, settings.window);
  auto observation = (*observer)->finish();
  if (!observation) return tl::unexpected(observation.error());
  if (settings.json) {
    JsonWriter json;
    write_json(json, *observation);
    fmt::print("{}\n", json.take());
  } else {
    fmt::print("{}", to_text(*observation, settings.top));
  }
  if (observation->interrupted) {
    std::fflush(stdout);
    return tl::unexpected(*observation->interrupted);
  }
  return ExitCode::ok;
}

}  // namespace

struct ObserveCommand::Flags {
  RawObserve raw;
  CLI::App* command = nullptr;
};

ObserveCommand::ObserveCommand(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->command = app.add_subcommand("observe", "Say what a PostgreSQL database did in a window of time");
  flags_->command->footer(footer);
  define_observe(*flags_->command, flags_->raw);
}

ObserveCommand::~ObserveCommand() = default;

std::optional<Result<CommandAction>> ObserveCommand::action() const {
  if (!flags_->command->parsed()) return std::nullopt;
  auto settings = validate_observe(flags_->raw);
  if (!settings) return Result<CommandAction>(tl::unexpected(settings.error()));
  return Result<CommandAction>(CommandAction([settings = std::move(*settings)] { return run_observe(settings); }));
}

}  // namespace understudy
