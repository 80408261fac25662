#include "replay/environment_options.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "traffic/base/units.hpp"
#include "traffic/command_line/connection_flags.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr std::size_t header_lines_max = 100;

[[nodiscard]] bool is_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  for (const char c : line) {
    if (is_control(c) && c != '\t') return false;
  }
  return line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
}

// Never repeats the line: it may be a secret.
[[nodiscard]] Result<void> add_field(std::string_view line, HttpClientOptions& options) {
  if (!is_field(line)) {
    return fail(ExitCode::usage, "wants 'Name: value', without control characters");
  }
  const std::size_t colon = line.find(':');
  const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
  options.headers.emplace_back(line.substr(0, colon), begin == std::string_view::npos ? "" : line.substr(begin));
  return {};
}

[[nodiscard]] Result<void> add_fields_of(const std::string& path, HttpClientOptions& options) {
  std::ifstream file(path);
  if (!file) {
    return fail(ExitCode::usage, fmt::format("cannot read '{}': {}", path, std::generic_category().message(errno)));
  }
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    if (number > header_lines_max) return fail(ExitCode::usage, fmt::format("'{}' has too many lines", path));
    if (auto added = add_field(line, options); !added) {
      return fail(ExitCode::usage, fmt::format("{}:{}: {}", path, number, added.error().message));
    }
  }
  return {};
}

}  // namespace

void define_environment(CLI::App& command, RawEnvironment& raw) {
  command.add_option("url", raw.url, "The environment; a path replaces the contract's own")
      ->required()
      ->type_name("URL");
  OptionGroup group(command, "Connection");
  group.each("--header", raw.header, "NAME: VALUE", "Send this field, too; @FILE reads fields from a file, one a line");
  define_connection_flags(group, raw);
  group.one("--response-timeout", raw.response_timeout, "TIME", "For a whole response");
}

Result<HttpClientOptions> validate_environment(const RawEnvironment& raw, std::string& path) {
  HttpClientOptions options;
  Validation check;
  check.take(parse_target(raw.url), options.target);
  if (!check.error()) {
    check.take(proxy_for(options.target, raw.proxy_choice()), options.proxy);
    if (!options.target.base_path.empty()) path = std::exchange(options.target.base_path, {});
  }
  options.tls = raw.tls_options();
  check.read("connect-timeout", raw.connect_timeout, parse_duration, options.connect_timeout);
  check.read("response-timeout", raw.response_timeout, parse_duration, options.response_timeout);
  check.require(check.error() || (options.connect_timeout.count() > 0 && options.response_timeout.count() > 0),
                "connect-timeout", "and --response-timeout must be more than 0");
  if (check.error()) return tl::unexpected(*check.error());
  for (const std::string& text : raw.header) {
    const auto added = text.starts_with('@') ? add_fields_of(text.substr(1), options) : add_field(text, options);
    if (!added) return tl::unexpected(about("header", added.error()));
  }
  return options;
}

}  // namespace understudy
