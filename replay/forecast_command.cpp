#include "replay/forecast_command.hpp"

#include <fmt/format.h>

#include <string>

#include "replay/forecast/credit_forecast.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr double iops_max = 10'000'000;

constexpr const char* footer = R"(Examples:
  understudy-replay forecast --volume gp2:100GiB --read-iops 700
  understudy-replay forecast --volume gp2:100GiB --read-iops 619 --read-bytes 68MB --write-iops 40 --write-bytes 1MB --burst-balance 80%
  understudy-replay forecast --volume gp3:400GiB --rds --read-iops 5000 --json

Operations as a host counts them may be merged or split before they are billed. With the bytes given, too, the forecast
is a range. docs/forecast.md has the model.)";

struct RawForecast {
  std::string volume;
  bool rds = false, json = false;
  double read_iops = 0, write_iops = 0;
  std::string read_bytes, write_bytes, burst_balance = "100%", start;
};

void define_forecast(CLI::App& command, RawForecast& raw) {
  OptionGroup group(command, "Forecast (docs/forecast.md)");
  group.one("--volume", raw.volume, "VOLUME", "Type and size: gp2:100GiB, gp3:1TiB");
  group.flag("--rds", raw.rds, "It is the storage of an RDS instance");
  group.one("--read-iops", raw.read_iops, "N", "Reads a second");
  group.one("--write-iops", raw.write_iops, "N", "Writes a second; they take credits, too");
  group.one("--read-bytes", raw.read_bytes, "SIZE", "Read in a second: 68MB");
  group.one("--write-bytes", raw.write_bytes, "SIZE", "Written in a second");
  group.one("--burst-balance", raw.burst_balance, "PERCENT", "Credits at the start, as CloudWatch shows them");
  group.one("--start", raw.start, "TIME", "Count from then: 2026-01-02T03:04:05Z; else from now");
  group.flag("--json", raw.json, "Print JSON instead of text");
}

[[nodiscard]] Result<CommandAction> forecast_action(const RawForecast& raw) {
  EbsVolume volume;
  DiskLoad load{raw.read_iops, raw.write_iops, std::nullopt, std::nullopt};
  Percentage balance;
  WallTime start = system_clock().wall_now();
  Validation check;
  check.require(!raw.volume.empty(), "volume", "is missing; say which volume, such as --volume gp2:100GiB");
  check.read("volume", raw.volume, parse_ebs_volume, volume);
  volume.is_rds = raw.rds;
  const auto is_rate = [](double iops) { return iops >= 0 && iops <= iops_max; };
  check.require(is_rate(raw.read_iops), "read-iops", "takes a number from 0 to 10,000,000");
  check.require(is_rate(raw.write_iops), "write-iops", "takes a number from 0 to 10,000,000");
  check.require(raw.read_iops + raw.write_iops > 0, "read-iops", "is missing, and so is --write-iops");
  const auto read_bytes = [&](std::string_view flag, const std::string& text, std::optional<double>& out) {
    std::uint64_t bytes = 0;
    if (text.empty()) return;
    check.read(flag, text, parse_byte_size, bytes);
    out = static_cast<double>(bytes);
  };
  read_bytes("read-bytes", raw.read_bytes, load.read_bytes);
  read_bytes("write-bytes", raw.write_bytes, load.write_bytes);
  check.read("burst-balance", raw.burst_balance, parse_percentage, balance);
  if (!raw.start.empty()) {
    const std::optional<WallTime> given = parse_rfc3339(raw.start);
    check.require(given.has_value(), "start", "takes a time such as 2026-01-02T03:04:05Z");
    start = given.value_or(start);
  }
  if (check.error()) return tl::unexpected(*check.error());
  return CommandAction([=, json = raw.json]() -> Result<ExitCode> {
    const CreditForecast forecast = forecast_credits(volume, load, balance);
    fmt::print("{}", json ? to_json(forecast, start) + "\n" : to_text(forecast, start));
    return ExitCode::ok;
  });
}

}  // namespace

struct ForecastCommand::Flags {
  RawForecast raw;
  CLI::App* command = nullptr;
};

ForecastCommand::ForecastCommand(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->command = app.add_subcommand("forecast", "Say how long the burst credits of an EBS volume last");
  flags_->command->footer(footer);
  define_forecast(*flags_->command, flags_->raw);
}

ForecastCommand::~ForecastCommand() = default;

std::optional<Result<CommandAction>> ForecastCommand::action() const {
  if (!flags_->command->parsed()) return std::nullopt;
  return forecast_action(flags_->raw);
}

}  // namespace understudy
