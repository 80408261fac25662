#include "replay/environment_options.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/environment/header_fields.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/connection_flags.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {

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
    if (const auto added = add_header_fields(text, options.headers); !added) {
      return tl::unexpected(about("header", added.error()));
    }
  }
  return options;
}

}  // namespace understudy
