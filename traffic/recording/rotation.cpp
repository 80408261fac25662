#include "traffic/recording/rotation.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "traffic/base/units.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

// How many digits each conversion becomes.
int digits_of(char conversion) {
  switch (conversion) {
    case 'Y': return 4;
    case 'j': return 3;
    case 'm':
    case 'd':
    case 'H':
    case 'M':
    case 'S': return 2;
    default: return 0;
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Splits "name.take" into "name" and ".take"; a folder's dots are not an ending.
std::pair<std::string_view, std::string_view> split_ending(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t dot = name.rfind('.');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  if (dot == std::string_view::npos || dot <= begin) return {name, {}};
  return {name.substr(0, dot), name.substr(dot)};
}

// Takes what the pattern stands for from the front of `text`. False: it does not fit.
bool take_pattern(std::string_view pattern, std::string_view& text) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || pattern[i + 1] == '%') {
      if (text.empty() || text.front() != pattern[i]) return false;
      text.remove_prefix(1);
      if (pattern[i] == '%') ++i;
      continue;
    }
    const auto count = static_cast<std::size_t>(digits_of(pattern[++i]));
    if (text.size() < count ||
        !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit)) {
      return false;
    }
    text.remove_prefix(count);
  }
  return true;
}

// Whether a file may have got its name from the pattern: with or without a number in front of its ending. Returns that
// number, 0 where there is none.
std::optional<std::uint64_t> number_in(std::string_view pattern, std::string_view name) {
  const auto [stem, ending] = split_ending(pattern);
  if (!take_pattern(stem, name) || !name.ends_with(ending)) return std::nullopt;
  name.remove_suffix(ending.size());
  if (name.empty()) return 0;
  if (name.front() != '.' || name.size() < 2 || name.size() > 10) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : name.substr(1)) {
    if (!is_digit(digit)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

Error wrong_rotation(std::string_view part, std::string_view why) {
  return {ExitCode::usage,
          fmt::format("'{}' {}: give a time, a size and a total, such as 1h,1GiB,total=20GiB", part, why)};
}

// A part of parse_rotation(). Sizes end in B or are K, M, G, T; times end in d, h, m, s: lower case.
Result<void> read_part(std::string_view part, RotationLimits& limits) {
  constexpr std::string_view total = "total=";
  if (part.starts_with(total)) {
    auto size = parse_byte_size(part.substr(total.size()));
    if (!size) return tl::unexpected(size.error());
    if (limits.total_max != 0 || *size == 0) return tl::unexpected(wrong_rotation(part, "is given twice, or is 0"));
    limits.total_max = *size;
    return {};
  }
  if (const auto period = parse_duration(part)) {
    if (limits.period.count() != 0 || *period < std::chrono::seconds(1)) {
      return tl::unexpected(wrong_rotation(part, "is a second time, or less than 1s"));
    }
    limits.period = *period;
    return {};
  }
  const auto size = parse_byte_size(part);
  if (!size) return tl::unexpected(wrong_rotation(part, "is no time and no size"));
  if (limits.size_max != 0 || *size == 0) return tl::unexpected(wrong_rotation(part, "is a second size, or 0"));
  limits.size_max = *size;
  return {};
}

}  // namespace

Result<RotationLimits> parse_rotation(std::string_view text) {
  RotationLimits limits;
  while (true) {
    const std::size_t comma = text.find(',');
    if (auto read = read_part(text.substr(0, comma), limits); !read) return tl::unexpected(read.error());
    if (comma == std::string_view::npos) return limits;
    text.remove_prefix(comma + 1);
  }
}

Result<bool> check_recording_name(std::string_view name) {
  bool has_conversions = false;
  const std::size_t slash = name.rfind('/');
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') continue;
    ++i;
    if (i < name.size() && name[i] == '%') continue;
    if (i == name.size() || digits_of(name[i]) == 0) {
      return fail(ExitCode::usage,
                  fmt::format("'%{}' in '{}' is not known: a file's name may have %Y %m %d %H %M %S %j, "
                              "filled in with UTC, and %% for a percent sign",
                              name.substr(i, 1), name));
    }
    if (slash != std::string_view::npos && i < slash) {
      return fail(ExitCode::usage,
                  fmt::format("'{}' has a time in the name of a folder: put it into the name of the file", name));
    }
    has_conversions = true;
  }
  return has_conversions;
}

std::string expand_recording_name(std::string_view name, WallTime time) {
  const std::tm utc = fmt::gmtime(
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time)));
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      out += name[i];
      continue;
    }
    switch (name[++i]) {
      case 'Y': out += fmt::format("{:04}", utc.tm_year + 1900); break;
      case 'm': out += fmt::format("{:02}", utc.tm_mon + 1); break;
      case 'd': out += fmt::format("{:02}", utc.tm_mday); break;
      case 'H': out += fmt::format("{:02}", utc.tm_hour); break;
      case 'M': out += fmt::format("{:02}", utc.tm_min); break;
      case 'S': out += fmt::format("{:02}", utc.tm_sec); break;
      case 'j': out += fmt::format("{:03}", utc.tm_yday + 1); break;
      default: out += name[i];
    }
  }
  return out;
}

RecordingFiles::RecordingFiles(Options options)
    : options_(std::move(options)),
      is_series_(options_.name != "-" &&
                 (options_.limits.any() || check_recording_name(options_.name).value_or(false))) {
  if (is_series_ && options_.limits.total_max > 0) find_older();
}

Result<std::unique_ptr<AppendFile>> RecordingFiles::open(WallTime now) {
  const std::string path = is_series_ ? free_name(now) : expand_recording_name(options_.name, now);
  auto file = AppendFile::open(path, options_.record_end);
  if (!file) return file;
  if (std::exchange(any_opened_, true)) close_current();
  path_ = path;
  if (const Nanoseconds period = options_.limits.period; period.count() > 0) {
    next_change_ = WallTime((now.time_since_epoch() / period + 1) * period);
  }
  return file;
}

bool RecordingFiles::is_due(WallTime now, std::uint64_t size) const {
  if (!is_series_) return false;
  return (next_change_ && now >= *next_change_) || (options_.limits.size_max > 0 && size >= options_.limits.size_max);
}

// The name of now, with the number behind the highest that exists where it exists at all.
std::string RecordingFiles::free_name(WallTime now) const {
  const std::string name = expand_recording_name(options_.name, now);
  const fs::path folder = fs::path(name).parent_path();
  std::string literal;  // the file's name as a pattern that stands for itself
  for (const char c : fs::path(name).filename().string()) literal += c == '%' ? std::string("%%") : std::string(1, c);
  std::optional<std::uint64_t> highest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, ignored)) {
    const auto number = number_in(literal, entry.path().filename().string());
    if (number) highest = std::max(*number, highest.value_or(0));
  }
  if (!highest) return name;
  const auto [stem, ending] = split_ending(name);
  return fmt::format("{}.{}{}", stem, *highest + 1, ending);
}

void RecordingFiles::find_older() {
  const fs::path pattern(options_.name);
  const fs::path folder = pattern.has_parent_path() ? pattern.parent_path() : fs::path(".");
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (!entry.is_regular_file(ignored) || !options_.is_own) continue;
    if (!number_in(pattern.filename().string(), entry.path().filename().string())) continue;
    if (!options_.is_own(entry.path())) continue;
    closed_.push_back({entry.path(), entry.file_size(ignored), entry.last_write_time(ignored)});
  }
  std::sort(closed_.begin(), closed_.end(), [](const Closed& a, const Closed& b) { return a.changed < b.changed; });
}

void RecordingFiles::close_current() {
  std::error_code ignored;
  closed_.push_back({path_, fs::file_size(path_, ignored), fs::last_write_time(path_, ignored)});
}

std::vector<std::string> RecordingFiles::remove_excess(std::uint64_t size) {
  std::vector<std::string> removed;
  if (options_.limits.total_max == 0) return removed;
  std::uint64_t total = size;
  for (const Closed& file : closed_) total += file.size;
  while (total > options_.limits.total_max && !closed_.empty()) {
    const Closed oldest = std::move(closed_.front());
    closed_.erase(closed_.begin());  // one that cannot be removed is not tried again
    total -= oldest.size;
    if (AppendFile::is_in_use(oldest.path.string())) continue;  // of another agent of this host
    std::error_code error;
    if (fs::remove(oldest.path, error)) removed.push_back(oldest.path.string());
  }
  return removed;
}

}  // namespace understudy
