#include "replay/source/recording_file.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "replay/source/standard_input.hpp"
#include "traffic/base/check.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/recording/access_log_source.hpp"
#include "traffic/recording/gor_source.hpp"
#include "traffic/recording/har_reader.hpp"
#include "traffic/recording/jsonl_reader.hpp"

namespace understudy {
namespace {

constexpr std::size_t looked_at = std::size_t{64} << 10U;  // bytes of the unpacked text
constexpr std::size_t take_magic_size = 8;
// Live, nothing may wait for long.
constexpr Nanoseconds live_wait = std::chrono::seconds(10);

using FirstTime = std::optional<WallTime> (*)(std::string_view);
struct TextFormat {
  RecordingFormat format;
  bool (*is_it)(std::string_view first_bytes);
  FirstTime first_time;
  std::array<std::string_view, 3> endings;  // of names, without ".gz"
};

constexpr std::array<TextFormat, 4> text_formats{{
    {RecordingFormat::gor, is_gor, first_gor_time, {".gor", ".gor", ".gor"}},
    {RecordingFormat::har, is_har, first_har_time, {".har", ".har", ".har"}},
    {RecordingFormat::jsonl, is_jsonl, first_jsonl_time, {".jsonl", ".ndjson", ".jsonl"}},
    {RecordingFormat::access_log, is_access_log, first_access_log_time, {"access.log", "access_log", "access.log"}},
}};

tl::unexpected<Error> unreadable(std::string text) { return fail(ExitCode::recording_unreadable, std::move(text)); }

// The format of a text by its beginning, then by its name; null: none that we know.
const TextFormat* find_text_format(std::string_view first_bytes, std::string_view name) {
  for (const TextFormat& format : text_formats) {
    if (format.is_it(first_bytes)) return &format;
  }
  if (name.ends_with(".gz")) name.remove_suffix(3);
  // gor's rotated files: requests.gor_3.gz.
  const std::size_t before_index = name.find_last_not_of("0123456789");
  if (before_index != std::string_view::npos && name[before_index] == '_') name = name.substr(0, before_index);
  for (const TextFormat& format : text_formats) {
    for (const std::string_view ending : format.endings) {
      if (name.ends_with(ending)) return &format;
    }
  }
  return nullptr;
}

// What a foreign file begins with, for the message.
std::string beginning_of(std::string_view first_bytes) {
  constexpr std::size_t shown = 24;
  std::string text;
  append_printable(text, first_bytes.substr(0, shown));
  return text;
}

tl::unexpected<Error> foreign(const std::string& name, std::string_view first_bytes) {
  return unreadable(
      fmt::format("{} is no recording that this program knows (.take, .gor, HAR, JSON Lines, access logs); it begins "
                  "with '{}'",
                  name, beginning_of(first_bytes)));
}

ReorderLimits limits_for(std::size_t held_bytes_max) {
  ReorderLimits limits;
  limits.bytes_max = held_bytes_max;
  return limits;
}

Result<std::unique_ptr<ExchangeSource>> open_text(std::unique_ptr<UnpackedInput> input, RecordingFormat format,
                                                  const OpenOptions& options, const ReorderLimits& limits) {
  CHECK(format != RecordingFormat::take && format != RecordingFormat::gor);
  if (format == RecordingFormat::har) return open_har(std::move(input), limits);
  if (format == RecordingFormat::access_log) {
    return open_access_log(std::move(input), {options.access_log_host, limits});
  }
  return open_jsonl(std::move(input), limits);
}

Result<RecordingFile> look_at_take(const std::string& path) {
  auto overview = overview_of_take(path);
  if (!overview) return tl::unexpected(overview.error());
  return RecordingFile{path, RecordingFormat::take, overview->first, overview->last, overview->encrypted};
}

}  // namespace

Result<RecordingFile> look_at_recording(const std::string& path) {
  auto input = UnpackedInput::open(path);
  if (!input) return tl::unexpected(input.error());
  auto filled = (*input)->fill(looked_at);
  if (!filled) return tl::unexpected(filled.error());
  const std::string_view first_bytes = (*input)->buffered();
  if (is_take(first_bytes)) return look_at_take(path);
  if (first_bytes.empty()) return unreadable(fmt::format("the recording {} is empty", path));
  if (const TextFormat* format = find_text_format(first_bytes, path)) {
    return RecordingFile{path, format->format, format->first_time(first_bytes), std::nullopt, false};
  }
  // A damaged header: the reader of .take knows what to say of it.
  if (std::string_view(path).ends_with(".take")) return look_at_take(path);
  return foreign(path, first_bytes);
}

Result<std::unique_ptr<ExchangeSource>> open_recording_file(const RecordingFile& file, const OpenOptions& options,
                                                            std::size_t held_bytes_max,
                                                            const std::optional<RecordingTime>& from,
                                                            const std::optional<RecordingTime>& to) {
  if (file.format == RecordingFormat::take) {
    TakeReadOptions take;
    take.from = from;
    take.to = to;
    take.key_file = options.key_file;
    take.held_bytes_max = held_bytes_max;
    return open_take(file.path, take);
  }
  auto input = UnpackedInput::open(file.path);
  if (!input) return tl::unexpected(input.error());
  return open_text(std::move(*input), file.format, options, limits_for(held_bytes_max));
}

Result<std::unique_ptr<ExchangeSource>> open_standard_input(const OpenOptions& options) {
  if (is_take(peek_standard_input(take_magic_size))) {
    TakeReadOptions take;
    take.key_file = options.key_file;
    take.held_bytes_max = options.memory_max;
    return open_take("-", take);
  }
  auto input = UnpackedInput::open("-");
  if (!input) return tl::unexpected(input.error());
  // One byte more than is there already may be long in coming, so only a whole first line is waited for.
  std::size_t wanted = 1;
  while (true) {
    auto filled = (*input)->fill(wanted);
    if (!filled) return tl::unexpected(filled.error());
    const std::string_view first_bytes = (*input)->buffered();
    if (!*filled || first_bytes.find('\n') != std::string_view::npos || first_bytes.size() >= looked_at) break;
    wanted = first_bytes.size() + 1;
  }
  const std::string_view first_bytes = (*input)->buffered();
  if (first_bytes.empty()) return unreadable("standard input holds nothing; is the program in front of it running?");
  const TextFormat* format = find_text_format(first_bytes, "");
  if (format == nullptr) return foreign("standard input", first_bytes);
  if (format->format == RecordingFormat::gor) {
    GorReadOptions gor;
    gor.replayed_responses = options.gor_replayed_responses;
    gor.held_bytes_max = options.memory_max;
    gor.response_wait = live_wait;
    gor.reorder_window = std::chrono::seconds(1);
    return open_gor(std::move(*input), gor);
  }
  ReorderLimits limits = limits_for(options.memory_max);
  limits.span = live_wait;
  return open_text(std::move(*input), format->format, options, limits);
}

}  // namespace understudy
