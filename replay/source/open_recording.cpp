#include "replay/source/open_recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replay/source/input_paths.hpp"
#include "replay/source/merged_source.hpp"
#include "replay/source/recording_file.hpp"
#include "replay/source/window_source.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/base/units.hpp"
#include "traffic/recording/gor_source.hpp"
#include "traffic/recording/reorder_window.hpp"

namespace understudy {
namespace {

constexpr WallTime always{Nanoseconds::min()};

std::optional<RecordingTime> recording_time(const std::optional<TimeBound>& bound) {
  if (!bound) return std::nullopt;
  if (const auto* offset = std::get_if<Nanoseconds>(&*bound)) return RecordingTime::after(*offset);
  return RecordingTime::at(std::get<WallTime>(*bound));
}

std::optional<WallTime> wall_time(const std::optional<TimeBound>& bound, const std::optional<WallTime>& first) {
  if (!bound) return std::nullopt;
  if (const auto* time = std::get_if<WallTime>(&*bound)) return *time;
  return first ? std::optional(*first + std::get<Nanoseconds>(*bound)) : std::nullopt;
}

// When the first request of all files began, if the formats tell it exactly.
std::optional<WallTime> first_of_all(const std::vector<RecordingFile>& files) {
  std::optional<WallTime> first;
  for (const RecordingFile& file : files) {
    if (file.format != RecordingFormat::take) return std::nullopt;
    if (file.first && (!first || *file.first < *first)) first = file.first;
  }
  return first;
}

GorReadOptions gor_options(const OpenOptions& options, std::size_t held_bytes_max) {
  GorReadOptions gor;
  gor.replayed_responses = options.gor_replayed_responses;
  gor.held_bytes_max = held_bytes_max;
  return gor;
}

// Files of .gor are one part, since a response may lie in another file than its request.
MergePart gor_part(std::vector<RecordingFile> files, const OpenOptions& options, std::size_t held_bytes_max) {
  MergePart part;
  part.not_before = WallTime(Nanoseconds::max());
  std::vector<GorFile> gor_files;
  const GorReadOptions gor = gor_options(options, held_bytes_max);
  for (RecordingFile& file : files) {
    // A first line that is no META is damage; the file is then opened at once.
    const WallTime first = file.first.value_or(WallTime(gor.reorder_window));
    part.not_before = std::min(part.not_before, first - gor.reorder_window);
    gor_files.push_back({std::move(file.path), first});
  }
  part.open = [gor_files = std::move(gor_files), gor](std::size_t) -> Result<std::unique_ptr<ExchangeSource>> {
    return open_gor(gor_files, gor);
  };
  return part;
}

MergePart file_part(RecordingFile file, const OpenOptions& options, std::optional<WallTime> from,
                    std::optional<WallTime> to) {
  MergePart part;
  // What is not ordered exactly may begin earlier than its first record does.
  const bool is_exact = file.format == RecordingFormat::take;
  part.not_before = !file.first ? always : is_exact ? *file.first : *file.first - ReorderLimits().span;
  part.open = [file = std::move(file), options, from, to](std::size_t already_open) {
    const auto bound = [](std::optional<WallTime> time) {
      return time ? std::optional(RecordingTime::at(*time)) : std::nullopt;
    };
    return open_recording_file(file, options, options.memory_max / (2 * (already_open + 1)), bound(from), bound(to));
  };
  return part;
}

Result<std::unique_ptr<ExchangeSource>> open_one(const RecordingFile& file, const OpenOptions& options) {
  if (file.format == RecordingFormat::gor) {
    const WallTime first = file.first.value_or(WallTime());
    return open_gor({{file.path, first}}, gor_options(options, options.memory_max));
  }
  return open_recording_file(file, options, options.memory_max, recording_time(options.from),
                             recording_time(options.to));
}

std::unique_ptr<ExchangeSource> open_many(std::vector<RecordingFile> files, const OpenOptions& options,
                                          std::vector<MergePart> parts) {
  const std::optional<WallTime> first = parts.empty() ? first_of_all(files) : std::nullopt;
  const std::optional<WallTime> from = wall_time(options.from, first);
  const std::optional<WallTime> to = wall_time(options.to, first);
  std::vector<RecordingFile> gor_files;
  for (RecordingFile& file : files) {
    // What lies outside of the window as a whole is not opened.
    if (from && file.last && *file.last < *from) continue;
    if (to && file.last && file.first && *file.first >= *to) continue;
    if (file.format == RecordingFormat::gor) {
      gor_files.push_back(std::move(file));
    } else {
      parts.push_back(file_part(std::move(file), options, from, to));
    }
  }
  if (!gor_files.empty()) {
    const std::size_t held_bytes_max = parts.empty() ? options.memory_max : options.memory_max / 2;
    parts.push_back(gor_part(std::move(gor_files), options, held_bytes_max));
  }
  return cut_window(merge_sources(std::move(parts)), options.from, options.to, first);
}

}  // namespace

std::string_view to_string(RecordingFormat format) {
  switch (format) {
    case RecordingFormat::take: return "take";
    case RecordingFormat::gor: return "gor";
    case RecordingFormat::har: return "har";
    case RecordingFormat::jsonl: return "jsonl";
    case RecordingFormat::access_log: return "access log";
  }
  return "";
}

Result<TimeBound> parse_time_bound(std::string_view text) {
  if (const auto time = parse_rfc3339(text)) return *time;
  constexpr Nanoseconds offset_max = std::chrono::hours(24 * 3650);  // no sum with a time overflows
  if (const auto offset = parse_duration(text); offset && *offset <= offset_max) return *offset;
  return fail(
      ExitCode::usage,
      fmt::format("'{}' is no point of a recording: write an offset from its first request, as in 90s or 1h30m, "
                  "or a time, as in 2026-01-02T03:04:05Z",
                  text));
}

Result<std::unique_ptr<ExchangeSource>> open_recording(const std::vector<std::string>& paths,
                                                       const OpenOptions& options) {
  auto names = expand_paths(paths);
  if (!names) return tl::unexpected(names.error());
  std::vector<RecordingFile> files;
  for (const std::string& name : *names) {
    if (name == "-") continue;
    auto file = look_at_recording(name);
    if (!file) return tl::unexpected(file.error());
    if (file->encrypted) {
      // A wrong key shall show before anything is played.
      const auto opened = open_recording_file(*file, options, options.memory_max, std::nullopt, std::nullopt);
      if (!opened) return tl::unexpected(opened.error());
    }
    files.push_back(std::move(*file));
  }
  std::unique_ptr<ExchangeSource> standard_input;
  if (files.size() != names->size()) {
    auto source = open_standard_input(options);
    if (!source) return tl::unexpected(source.error());
    standard_input = std::move(*source);
  }
  if (files.empty()) return cut_window(std::move(standard_input), options.from, options.to);
  if (files.size() == 1 && standard_input == nullptr) {
    // A .take cuts its window itself.
    auto source = open_one(files.front(), options);
    if (!source || files.front().format == RecordingFormat::take) return source;
    return cut_window(std::move(*source), options.from, options.to);
  }
  std::vector<MergePart> parts;
  if (standard_input != nullptr) {
    auto shared = std::make_shared<std::unique_ptr<ExchangeSource>>(std::move(standard_input));
    parts.push_back(
        {always, [shared](std::size_t) -> Result<std::unique_ptr<ExchangeSource>> { return std::move(*shared); }});
  }
  return open_many(std::move(files), options, std::move(parts));
}

}  // namespace understudy
