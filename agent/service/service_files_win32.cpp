#include <windows.h>

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "agent/service/private_folder.hpp"
#include "agent/service/service_files.hpp"
#include "agent/service/windows_places.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {

std::string_view service_config_template();  // packaging/windows/agent.toml

namespace {

namespace fs = std::filesystem;

constexpr std::size_t config_bytes_max = std::size_t{1} << 20;

fs::path beside(const fs::path& path, const wchar_t* ending) { return fs::path(path).concat(ending); }

tl::unexpected<Error> file_failure(const char* what, const fs::path& path, const SystemError& error) {
  return fail(error.is_permission() ? ExitCode::permission : ExitCode::service_failed,
              fmt::format("Cannot {} {}: {}.{}", what, text_of(path), error.text(),
                          error.is_permission() ? " Run this as administrator." : ""));
}

// The file is the old one or the new one at every moment.
Result<void> write_whole(const fs::path& path, const std::string& text) {
  const fs::path fresh = beside(path, L".new");
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return file_failure("write", fresh, SystemError::last());
  }
  if (::MoveFileExW(fresh.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) == 0) {
    return file_failure("replace", path, SystemError::last());
  }
  return {};
}

bool is_same_file(const fs::path& left, const fs::path& right) {
  std::error_code error;
  return fs::equivalent(left, right, error) && !error;
}

}  // namespace

std::optional<std::string> read_small_file(const fs::path& path, std::size_t bytes_max) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > bytes_max) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return text;
}

Result<std::string> ServiceFiles::prepare(const ServiceSetup& setup, const ServiceManager::Edit& edit) {
  for (const fs::path& folder : {data_folder(), logs_folder()}) {
    if (auto made = make_private_folder(folder); !made) return tl::unexpected(made.error());
  }
  config_ = path_of(setup.config_path);
  settings_ = path_of(setup.settings_path);
  std::error_code error;
  if (fs::exists(config_, error)) {
    former_config_ = read_small_file(config_, config_bytes_max);
    if (!former_config_) return file_failure("read", config_, SystemError::last());
  }
  const auto edited = edit(former_config_.value_or(std::string(service_config_template())));
  if (!edited) return tl::unexpected(edited.error());
  if (former_config_ != *edited) {
    if (auto written = write_whole(config_, *edited); !written) return tl::unexpected(written.error());
    config_written_ = true;
  }
  return text_of(config_);
}

Result<void> ServiceFiles::stage_program() {
  const fs::path self = this_program();
  program_ = installed_program();
  if (is_same_file(self, program_)) return {};
  std::error_code error;
  fs::create_directories(program_.parent_path(), error);
  if (error) return file_failure("make the folder", program_.parent_path(), {error.value()});
  if (::CopyFileW(self.c_str(), beside(program_, L".new").c_str(), FALSE) == 0) {
    return file_failure("copy the program to", program_, SystemError::last());
  }
  staged_ = true;
  return {};
}

Result<void> ServiceFiles::activate_program() {
  if (!staged_) return {};
  const fs::path former = beside(program_, L".old");
  if (::MoveFileExW(program_.c_str(), former.c_str(), MOVEFILE_REPLACE_EXISTING) != 0) {
    replaced_ = true;
  } else if (const SystemError error = SystemError::last(); error.number != ERROR_FILE_NOT_FOUND) {
    return file_failure("put aside", program_, error);
  }
  if (::MoveFileExW(beside(program_, L".new").c_str(), program_.c_str(), MOVEFILE_REPLACE_EXISTING) == 0) {
    return file_failure("put in place", program_, SystemError::last());
  }
  return {};
}

void ServiceFiles::commit() {
  std::error_code error;
  if (replaced_) fs::remove(beside(program_, L".old"), error);
  if (!settings_.empty()) fs::remove(settings_, error);
}

void ServiceFiles::roll_back() {
  std::error_code error;
  if (staged_) {
    fs::remove(beside(program_, L".new"), error);
    if (replaced_) {
      ::MoveFileExW(beside(program_, L".old").c_str(), program_.c_str(), MOVEFILE_REPLACE_EXISTING);
    } else {
      fs::remove(program_, error);
      fs::remove(program_.parent_path(), error);  // only an empty folder goes
    }
  }
  if (config_written_ && former_config_) (void)write_whole(config_, *former_config_);
  if (config_written_ && !former_config_) fs::remove(config_, error);
  if (!settings_.empty()) fs::remove(settings_, error);
}

void remove_program(std::vector<std::string>& warnings) {
  const fs::path program = installed_program();
  std::error_code error;
  if (is_same_file(this_program(), program)) {
    ::MoveFileExW(program.c_str(), nullptr, MOVEFILE_DELAY_UNTIL_REBOOT);
    ::MoveFileExW(program.parent_path().c_str(), nullptr, MOVEFILE_DELAY_UNTIL_REBOOT);
    warnings.push_back(fmt::format("{} is this program; it goes when Windows restarts", text_of(program)));
    return;
  }
  fs::remove(program, error);
  if (error) warnings.push_back(fmt::format("{} could not be removed: {}", text_of(program), error.message()));
  fs::remove(program.parent_path(), error);  // only an empty folder goes
}

}  // namespace understudy
