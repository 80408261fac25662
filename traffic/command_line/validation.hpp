// Turns the text of options into values, and remembers the first error.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "traffic/base/error.hpp"
#include "traffic/net/target.hpp"

namespace understudy {

// The same error with the flag in front, so that a user sees where the value came from.
[[nodiscard]] Error about(std::string_view flag, const Error& error);

// Reads each text with its parser; remembers the first error and does nothing after it, so that a list of options reads
// as one.
class Validation {
 public:
  template <typename T, typename Parse, typename Out>
  void read(std::string_view flag, const T& text, Parse parse, Out& out) {
    if (error_) return;
    auto value = parse(text);
    if (value) {
      out = static_cast<Out>(std::move(*value));
    } else {
      error_ = about(flag, value.error());
    }
  }
  // The same for a result whose error names its flag already.
  template <typename T, typename Out>
  void take(Result<T> value, Out& out) {
    if (error_) return;
    if (value) {
      out = static_cast<Out>(std::move(*value));
    } else {
      error_ = std::move(value.error());
    }
  }
  void require(bool condition, std::string_view flag, std::string message) {
    if (!error_ && !condition) error_ = about(flag, {ExitCode::usage, std::move(message)});
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

// The first line of a file that holds a secret. ExitCode::configuration.
[[nodiscard]] Result<std::string> read_secret(const std::string& path);

// How a user says which proxy is to be used.
struct ProxyChoice {
  std::string url;        // empty: the environment's
  std::string auth_file;  // holds user:password; empty: none
  bool ignore_environment = false;
};

// The way to a target, with the credentials out of the file. Errors name --proxy or --proxy-auth-file.
[[nodiscard]] Result<std::optional<TargetUrl>> proxy_for(const TargetUrl& target, const ProxyChoice& choice);

}  // namespace understudy
