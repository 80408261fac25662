// The files of the Windows service during an installation: folders, configuration, program. Windows only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/service/service_manager.hpp"

namespace understudy {

// Keeps what it replaced, until commit() or roll_back(). Of one thread.
class ServiceFiles {
 public:
  [[nodiscard]] Result<std::string> prepare(const ServiceSetup& setup, const ServiceManager::Edit& edit);
  [[nodiscard]] Result<void> stage_program();
  [[nodiscard]] Result<void> activate_program();
  void commit();
  void roll_back();

  // The program that the service's entry is to name.
  [[nodiscard]] const std::filesystem::path& program() const { return program_; }
  [[nodiscard]] const std::filesystem::path& config() const { return config_; }

 private:
  std::filesystem::path config_;
  std::optional<std::string> former_config_;  // empty: there was none
  bool config_written_ = false;
  std::filesystem::path settings_;
  std::filesystem::path program_;
  bool staged_ = false;
  bool replaced_ = false;
};

// The program and its folder; nothing when it is not there. A program that is running this is removed by the next
// restart of Windows, which is a warning.
void remove_program(std::vector<std::string>& warnings);

// The contents of a file; empty when it cannot be read or is larger than `bytes_max`.
[[nodiscard]] std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace understudy
