#include "replay/database/device_counters.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace understudy {
namespace {

constexpr std::uint64_t sector_bytes = 512;  // of the kernel's counters, whatever the device's own is

// The next word of `text`, which is cut in front.
std::string_view take_word(std::string_view& text, std::string_view separators) {
  const std::size_t begin = text.find_first_not_of(separators);
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const std::size_t end = std::min(text.find_first_of(separators), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> to_count(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// Calls `use` with each line until it returns true.
template <typename Use>
bool any_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (use(text.substr(0, end))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

// "key=123" -> 123.
std::optional<std::uint64_t> value_of(std::string_view word, std::string_view key) {
  if (word.size() <= key.size() || !word.starts_with(key) || word[key.size()] != '=') return std::nullopt;
  return to_count(word.substr(key.size() + 1));
}

}  // namespace

DeviceCounters operator-(const DeviceCounters& after, const DeviceCounters& before) {
  return {after.reads - before.reads,   after.reads_merged - before.reads_merged, after.read_bytes - before.read_bytes,
          after.writes - before.writes, after.write_bytes - before.write_bytes,   after.busy_ms - before.busy_ms};
}

std::optional<DeviceCounters> parse_diskstats(std::string_view text, unsigned major, unsigned minor) {
  std::optional<DeviceCounters> found;
  any_line(text, [&](std::string_view line) {
    if (to_count(take_word(line, " ")) != major || to_count(take_word(line, " ")) != minor) return false;
    (void)take_word(line, " ");  // its name
    // reads, merged, sectors, ms; writes, merged, sectors, ms; in flight, busy ms
    std::array<std::uint64_t, 10> fields{};
    for (std::uint64_t& field : fields) {
      const auto value = to_count(take_word(line, " "));
      if (!value) return true;
      field = *value;
    }
    found =
        DeviceCounters{fields[0], fields[1], fields[2] * sector_bytes, fields[4], fields[6] * sector_bytes, fields[9]};
    return true;
  });
  return found;
}

std::optional<ProcessIo> parse_process_io(std::string_view text) {
  std::optional<std::uint64_t> read, written;
  any_line(text, [&](std::string_view line) {
    const std::string_view key = take_word(line, " ");
    if (key == "read_bytes:") read = to_count(take_word(line, " "));
    if (key == "write_bytes:") written = to_count(take_word(line, " "));
    return false;
  });
  if (!read || !written) return std::nullopt;
  return ProcessIo{*read, *written};
}

std::optional<DeviceCounters> parse_cgroup_io(std::string_view text, const BlockDevice* only) {
  std::optional<DeviceCounters> sum;
  any_line(text, [&](std::string_view line) {
    std::string_view device = take_word(line, " ");
    const auto major = to_count(take_word(device, ":"));
    const auto minor = to_count(take_word(device, ":"));
    if (!major || !minor) return false;
    if (only != nullptr && (*major != only->major || *minor != only->minor)) return false;
    if (!sum) sum.emplace();
    while (!line.empty()) {
      const std::string_view word = take_word(line, " ");
      if (const auto value = value_of(word, "rbytes")) sum->read_bytes += *value;
      if (const auto value = value_of(word, "wbytes")) sum->write_bytes += *value;
      if (const auto value = value_of(word, "rios")) sum->reads += *value;
      if (const auto value = value_of(word, "wios")) sum->writes += *value;
    }
    return false;
  });
  return sum;
}

std::optional<int> parse_parent_pid(std::string_view stat) {
  // The name in parentheses may hold anything, so fields count from the last ')'.
  const std::size_t end = stat.rfind(')');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(end + 1);
  (void)take_word(rest, " ");  // its state
  const auto parent = to_count(take_word(rest, " "));
  if (!parent) return std::nullopt;
  return static_cast<int>(*parent);
}

}  // namespace understudy
