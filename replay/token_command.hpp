// Keeps a header's token fresh by a command of the user's.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "replay/options.hpp"
#include "replay/run/carry_editor.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class TokenCommand {
 public:
  // Runs the command once, and then every `refresh` on a thread of its own. A run that fails later keeps the old token
  // and is logged. ExitCode::configuration when the first run fails; the token is never printed.
  [[nodiscard]] static Result<std::unique_ptr<TokenCommand>> start(const TokenSettings& settings);
  ~TokenCommand();
  TokenCommand(const TokenCommand&) = delete;
  TokenCommand& operator=(const TokenCommand&) = delete;

  [[nodiscard]] const SharedHeader& header() const { return header_; }

 private:
  TokenCommand(const TokenSettings& settings, const std::string& token);
  void run();
  [[nodiscard]] std::string filled(const std::string& token) const;

  const TokenSettings settings_;
  const std::string value_template_;
  SharedHeader header_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace understudy
