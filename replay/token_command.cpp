#include "replay/token_command.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

constexpr std::size_t token_length_max = 16384;

// The first line that the command prints.
Result<std::string> token_of(const std::string& command) {
  std::FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) return fail(ExitCode::configuration, "--token-command cannot be started");
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() <= token_length_max) {
    const std::size_t count = std::fread(piece.data(), 1, piece.size(), output);
    if (count == 0) break;
    text.append(piece.data(), count);
  }
  const int status = pclose(output);
  text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  if (status != 0) {
    return fail(ExitCode::configuration,
                fmt::format("--token-command ended with status {}; run it by hand to see why", status));
  }
  if (text.empty() || text.size() > token_length_max) {
    return fail(
        ExitCode::configuration,
        fmt::format("--token-command must print the token in its first line, {} bytes at most", token_length_max));
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<TokenCommand>> TokenCommand::start(const TokenSettings& settings) {
  const Result<std::string> token = token_of(settings.command);
  if (!token) return tl::unexpected(token.error());
  std::unique_ptr<TokenCommand> made(new TokenCommand(settings, *token));
  made->thread_ = std::thread([self = made.get()] { self->run(); });
  return made;
}

TokenCommand::TokenCommand(const TokenSettings& settings, const std::string& token)
    : settings_(settings),
      value_template_(settings.header.substr(settings.header.find(": ") + 2)),
      header_(settings.header.substr(0, settings.header.find(": ")), filled(token)) {}

TokenCommand::~TokenCommand() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TokenCommand::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, settings_.refresh, [this] { return stop_; })) {
    lock.unlock();
    const Result<std::string> token = token_of(settings_.command);
    if (token) {
      header_.set(filled(*token));
    } else {
      log_warning("the token stays as it was: " + token.error().message);
    }
    lock.lock();
  }
}

std::string TokenCommand::filled(const std::string& token) const {
  std::string value = value_template_;
  value.replace(value.find("{}"), 2, token);
  return value;
}

}  // namespace understudy
