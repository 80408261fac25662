#include "replay/recordings.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "replay/source/convert.hpp"
#include "replay/source/inspect.hpp"
#include "replay/source/open_recording.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {

Result<ExitCode> run_inspect(const ReplayOptions& options) {
  auto source = open_recording(options.recording.paths, options.recording.open);
  if (!source) return tl::unexpected(source.error());
  const Result<Inspection> inspection = inspect(**source);
  if (!inspection) return tl::unexpected(inspection.error());
  fmt::print("{}", options.json ? to_json(*inspection) + "\n" : to_text(*inspection));
  return ExitCode::ok;
}

Result<ExitCode> run_convert(const ReplayOptions& options) {
  if (auto checked = check_conversion_target(options.convert_to, options.convert); !checked) {
    return tl::unexpected(checked.error());
  }
  auto source = open_recording(options.recording.paths, options.recording.open);
  if (!source) return tl::unexpected(source.error());
  const Result<ConvertSummary> summary = convert(**source, options.convert_to, options.convert);
  if (!summary) return tl::unexpected(summary.error());
  // Standard output may be what was written.
  std::FILE* const out = options.convert_to == "-" ? stderr : stdout;
  if (options.json) {
    JsonWriter json;
    json.begin_object().member("exchanges", summary->exchanges).member("bytes_written", summary->bytes_written);
    json.member("damages", summary->report.damages).key("not_held").begin_array();
    for (const std::string& text : summary->not_held) json.value(text);
    json.end_array().end_object();
    fmt::print(out, "{}\n", json.take());
    return ExitCode::ok;
  }
  fmt::print(out, "{} exchanges written to '{}'\n", summary->exchanges, options.convert_to);
  for (const std::string& text : summary->not_held) fmt::print(out, "not held by the format: {}\n", text);
  if (summary->report.damages > 0) {
    fmt::print(out, "{} damaged places of the recordings were passed over; 'inspect' lists them\n",
               summary->report.damages);
  }
  return ExitCode::ok;
}

}  // namespace understudy
