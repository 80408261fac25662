// What each command does, step by step, on any service manager.
#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "agent/service/service.hpp"

namespace understudy {
namespace {

class Command {
 public:
  Command(ServiceManager& manager, const ServiceOptions& options, const ServiceHooks& hooks)
      : manager_(manager), options_(options), hooks_(hooks) {
    report_.action = options.action;
  }

  ServiceReport carry_out() {
    if (const Result<void> done = act(); !done) {
      report_.code = done.error().code;
      report_.message = done.error().message;
    }
    if (auto now = manager_.status()) report_.status = std::move(*now);
    return std::move(report_);
  }

 private:
  Result<void> act() {
    auto before = manager_.status();
    if (!before) return tl::unexpected(before.error());
    before_ = std::move(*before);
    switch (options_.action) {
      case ServiceAction::install: return install();
      case ServiceAction::start: return start();
      case ServiceAction::stop: return stop();
      case ServiceAction::restart: return restart();
      case ServiceAction::status: return tell();
      case ServiceAction::uninstall: return uninstall();
      case ServiceAction::run: break;
    }
    return fail(ExitCode::internal, "'service run' is no command to be carried out");
  }

  [[nodiscard]] bool ran() const {
    return before_.state == ServiceState::running || before_.state == ServiceState::starting;
  }
  [[nodiscard]] Result<void> require_installed() const {
    if (before_.state != ServiceState::not_installed) return {};
    return fail(ExitCode::service_missing,
                fmt::format("The service {} is not installed. Install it first.", before_.name));
  }

  Result<void> start() {
    if (auto installed = require_installed(); !installed) return installed;
    report_.message = fmt::format("The service {} runs already.", before_.name);
    if (before_.state == ServiceState::running) return {};
    report_.message = fmt::format("The service {} runs.", before_.name);
    return manager_.start(options_.timeout);
  }

  Result<void> stop() {
    if (auto installed = require_installed(); !installed) return installed;
    report_.message = fmt::format("The service {} is stopped already.", before_.name);
    if (before_.state == ServiceState::stopped) return {};
    report_.message = fmt::format("The service {} is stopped.", before_.name);
    return manager_.stop(options_.timeout);
  }

  Result<void> restart() {
    if (auto installed = require_installed(); !installed) return installed;
    const MonotonicTime begin = system_clock().monotonic_now();
    if (before_.state != ServiceState::stopped) {
      if (auto stopped = manager_.stop(options_.timeout); !stopped) return stopped;
    }
    if (auto started = manager_.start(options_.timeout); !started) return started;
    if (ran()) report_.outage = system_clock().monotonic_now() - begin;
    report_.message = fmt::format("The service {} was restarted.", before_.name);
    return {};
  }

  Result<void> tell() {
    if (auto installed = require_installed(); !installed) return installed;
    report_.message = fmt::format("The service {} is {}.", before_.name, to_string(before_.state));
    if (before_.state != ServiceState::running) report_.code = ExitCode::service_stopped;
    return {};
  }

  Result<void> uninstall() {
    if (auto ours = manager_.check_ours(); !ours) return ours;
    report_.message = fmt::format("The service {} is not installed.", before_.name);
    if (before_.state == ServiceState::not_installed) return {};  // removing twice is the same as once
    if (before_.state != ServiceState::stopped) {
      if (auto stopped = manager_.stop(options_.timeout); !stopped) return stopped;
    }
    if (auto removed = manager_.remove(report_.warnings); !removed) return removed;
    report_.message =
        fmt::format("The service {} was removed. Its configuration, logs and recordings stay.", before_.name);
    return {};
  }

  Result<void> install() {
    if (auto ours = manager_.check_ours(); !ours) return ours;
    std::string driver;
    if (!options_.capture_installer.empty()) {
      auto installed = hooks_.install_capture(options_.capture_installer, options_.capture_installer_sha256);
      if (!installed) return tl::unexpected(installed.error());
      driver = *std::move(installed) + ". ";
    }
    const auto edit = [this](const std::string& text) { return hooks_.apply(text, options_.setup.settings); };
    auto config = manager_.prepare(options_.setup, edit);
    if (!config) return tl::unexpected(config.error());
    auto begun = replace(*config);
    if (begun && begun->to_be_tested && options_.self_test_time > Nanoseconds::zero()) {
      if (auto seen = hooks_.self_test(*config, options_.self_test_time); !seen) {
        begun = tl::unexpected(seen.error());
      }
    }
    if (!begun) return undo(begun.error());
    manager_.commit();
    report_.message.insert(0, driver);
    return {};
  }

  struct Begun {
    bool to_be_tested = false;  // the service runs now
  };

  // Puts program and entry in place, and starts the service where it has something to do.
  Result<Begun> replace(const std::string& config) {
    const auto has_output = hooks_.has_output(config);
    if (!has_output) return tl::unexpected(has_output.error());
    if (auto staged = manager_.stage_program(); !staged) return tl::unexpected(staged.error());
    const MonotonicTime begin = system_clock().monotonic_now();
    touched_ = true;
    if (before_.state != ServiceState::not_installed && before_.state != ServiceState::stopped) {
      if (auto stopped = manager_.stop(options_.timeout); !stopped) return tl::unexpected(stopped.error());
    }
    if (auto active = manager_.activate_program(); !active) return tl::unexpected(active.error());
    const bool disabled = before_.start == ServiceStart::disabled && before_.state != ServiceState::not_installed;
    const ServiceStart how = disabled      ? ServiceStart::disabled
                             : *has_output ? ServiceStart::automatic
                                           : ServiceStart::manual;
    if (auto configured = manager_.configure(how, report_.warnings); !configured) {
      return tl::unexpected(configured.error());
    }
    if (how != ServiceStart::automatic) {
      report_.message = disabled
                            ? fmt::format("The service {} is installed, and stays disabled as it was.", before_.name)
                            : fmt::format(
                                  "The service {} is installed. It is not started: neither a shadow nor a "
                                  "recording is set. Set 'to' in {}, then install again.",
                                  before_.name, config);
      return Begun{};
    }
    if (auto started = manager_.start(options_.timeout); !started) return tl::unexpected(started.error());
    if (ran()) report_.outage = system_clock().monotonic_now() - begin;
    report_.message = fmt::format("The service {} is installed and runs.", before_.name);
    return Begun{true};
  }

  // Nothing stays half installed: what was there before is there again, and the first error is told. A service that was
  // not touched yet goes on undisturbed.
  Result<void> undo(Error reason) {
    const bool is_new = before_.state == ServiceState::not_installed;
    if (touched_) stop_for_undo();
    manager_.roll_back(is_new);
    reason.message += is_new ? " The service was not installed." : " What was installed before is back in place.";
    if (touched_ && ran()) {
      if (auto started = manager_.start(options_.timeout); !started) {
        report_.warnings.push_back(fmt::format("The former service did not start again: {}", started.error().message));
      }
    }
    return tl::unexpected(std::move(reason));
  }

  void stop_for_undo() {
    const auto now = manager_.status();
    if (!now || now->state == ServiceState::stopped || now->state == ServiceState::not_installed) return;
    if (auto stopped = manager_.stop(options_.timeout); !stopped) report_.warnings.push_back(stopped.error().message);
  }

  ServiceManager& manager_;
  const ServiceOptions& options_;
  const ServiceHooks& hooks_;
  ServiceStatus before_;
  bool touched_ = false;  // an installation has begun to change what there was
  ServiceReport report_;
};

}  // namespace

ServiceReport carry_out(ServiceManager& manager, const ServiceOptions& options, const ServiceHooks& hooks) {
  return Command(manager, options, hooks).carry_out();
}

ExitCode print_service_report(const ServiceReport& report, bool as_json) {
  fmt::print("{}", as_json ? service_report_json(report) + "\n" : format_service_report(report));
  std::fflush(stdout);
  return report.code;
}

}  // namespace understudy
