#include "traffic/command_line/validation.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "traffic/net/proxy_settings.hpp"

namespace understudy {

Error about(std::string_view flag, const Error& error) {
  return {error.code, fmt::format("--{}: {}", flag, error.message)};
}

Result<std::string> read_secret(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line) || line.empty()) {
    return fail(ExitCode::configuration,
                fmt::format("cannot read a first line from '{}': {}", path, std::generic_category().message(errno)));
  }
  return line;
}

Result<std::optional<TargetUrl>> proxy_for(const TargetUrl& target, const ProxyChoice& choice) {
  const std::string text = choice.url.empty() && choice.ignore_environment ? "direct" : choice.url;
  auto proxy = choose_proxy(target, text, read_process_environment);
  if (!proxy) return tl::unexpected(about("proxy", proxy.error()));
  if (choice.auth_file.empty()) return proxy;
  constexpr std::string_view flag = "proxy-auth-file";
  if (!*proxy) {
    return tl::unexpected(about(flag, {ExitCode::usage, "is given, but there is no proxy for " + target.display()}));
  }
  const Result<std::string> secret = read_secret(choice.auth_file);
  if (!secret) return tl::unexpected(about(flag, secret.error()));
  const std::size_t colon = secret->find(':');
  if (colon == std::string::npos) {
    return tl::unexpected(about(flag, {ExitCode::usage, "must hold user:password in its first line"}));
  }
  (*proxy)->credentials = Credentials{secret->substr(0, colon), secret->substr(colon + 1)};
  return proxy;
}

}  // namespace understudy
