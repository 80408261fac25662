#include "replay/report_command.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "replay/html_report/html_report.hpp"
#include "replay/html_report/report_document.hpp"
#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "replay/report/file_set.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr const char* footer = R"(Examples:
  understudy-replay report results/rehearsal.json --out results/
  understudy-replay report results/result.json --out results/

The reports are those of the version that makes them: documents of earlier versions get the page of today.)";

struct RawReport {
  std::string document, out;
};

[[nodiscard]] Result<std::string> content_of(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.good() || file.eof()) return text;
  const int reason = errno != 0 ? errno : EIO;
  return fail(ExitCode::usage, fmt::format("cannot read '{}': {}; name a rehearsal.json or a result.json", path,
                                           std::generic_category().message(reason)));
}

[[nodiscard]] Result<void> write_reports(const RawReport& raw) {
  const Result<std::string> text = content_of(raw.document);
  if (!text) return tl::unexpected(text.error());
  const auto document = parse_report_document(*text);
  const auto has = [&](const char* member) { return document && document->get_object().contains(member); };
  if (has("verdict") && has("query_classes")) return write_rehearsal_reports(raw.out, *text);
  if (!has("verdict") || !has("load")) {
    return fail(ExitCode::usage, fmt::format("'{}' is neither a rehearsal.json nor a result.json of understudy-replay; "
                                             "name one of them",
                                             raw.document));
  }
  Result<std::string> page = html_report(HtmlReportKind::replay, *text);
  if (!page) return tl::unexpected(page.error());
  return replace_files(raw.out, {{"result.html", std::move(*page)}});
}

[[nodiscard]] Result<CommandAction> report_action(const RawReport& raw) {
  Validation check;
  check.require(!raw.out.empty(), "out", "is missing: name the folder that the reports go into");
  if (check.error()) return tl::unexpected(*check.error());
  return CommandAction([raw]() -> Result<ExitCode> {
    if (const Result<void> written = write_reports(raw); !written) return tl::unexpected(written.error());
    if (!html_report_has_charts()) fmt::print(stderr, "this build has no chart library: the page has tables only\n");
    return ExitCode::ok;
  });
}

}  // namespace

struct ReportCommand::Flags {
  RawReport raw;
  CLI::App* command = nullptr;
};

ReportCommand::ReportCommand(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->command = app.add_subcommand("report", "Make pages and texts out of a result's JSON document");
  flags_->command->footer(footer);
  flags_->command->add_option("document", flags_->raw.document, "A rehearsal.json or a result.json")
      ->required()
      ->type_name("DOCUMENT");
  OptionGroup group(*flags_->command, "Report (docs/rehearsal.md, docs/replay-report.md)");
  group.one("--out", flags_->raw.out, "FOLDER", "Write the reports there; those of that name are replaced");
}

ReportCommand::~ReportCommand() = default;

std::optional<Result<CommandAction>> ReportCommand::action() const {
  if (!flags_->command->parsed()) return std::nullopt;
  return report_action(flags_->raw);
}

}  // namespace understudy
