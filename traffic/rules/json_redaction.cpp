#include "traffic/rules/json_redaction.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t growth_allowance = std::size_t{64} << 10U;

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\x1e'; }  // 1E: RFC 7464

// A number, or a word such as true. What it is exactly does not matter here.
bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0 | (code_point >> 6U));
    byte(0x80 | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    byte(0xE0 | (code_point >> 12U));
    byte(0x80 | ((code_point >> 6U) & 0x3FU));
    byte(0x80 | (code_point & 0x3FU));
  } else {
    byte(0xF0 | (code_point >> 18U));
    byte(0x80 | ((code_point >> 12U) & 0x3FU));
    byte(0x80 | ((code_point >> 6U) & 0x3FU));
    byte(0x80 | (code_point & 0x3FU));
  }
}

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
  return value;
}

// Decodes one escape at the front of `text`, which begins behind the backslash, and takes it off.
void take_escape(std::string_view& text, std::string& out) {
  constexpr std::string_view letters = "bfnrt";
  constexpr std::string_view meanings = "\b\f\n\r\t";
  const char letter = text.front();
  text.remove_prefix(1);
  if (letter != 'u') {
    const std::size_t at = letters.find(letter);
    out += at == std::string_view::npos ? letter : meanings[at];
    return;
  }
  auto code_point = hex4(text);
  if (!code_point) return;
  text.remove_prefix(4);
  if (*code_point >= 0xD800 && *code_point < 0xDC00 && text.starts_with("\\u")) {
    const auto low = hex4(text.substr(2));
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      code_point = 0x10000 + ((*code_point - 0xD800) << 10U) + (*low - 0xDC00);
      text.remove_prefix(6);
    }
  }
  append_utf8(out, *code_point);
}

// The content of a string between its quotes, decoded: `raw` itself when it has no escape, else `storage`.
std::string_view decode_string(std::string_view raw, std::string& storage) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  storage.clear();
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    storage += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.size() < 2) break;
    raw.remove_prefix(1);
    take_escape(raw, storage);
  }
  return storage;
}

}  // namespace

bool JsonSelection::add_pointer(std::string_view pointer) {
  if (!pointer.starts_with('/')) return false;
  Pointer segments;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      segments.emplace_back();
    } else if (pointer[i] == '~') {
      if (++i == pointer.size() || (pointer[i] != '0' && pointer[i] != '1')) return false;
      segments.back() += pointer[i] == '0' ? '~' : '/';
    } else {
      segments.back() += pointer[i];
    }
  }
  pointers_.push_back(std::move(segments));
  return true;
}

// One pass over one text. Each read_* moves the cursor behind what it read; false means damage at damage_.
class JsonScanner {
 public:
  // With a marker it redacts, without one it replaces.
  JsonScanner(std::string_view json, const JsonSelection& selection, const Marker* marker,
              const JsonReplacement& replacement)
      : json_(json),
        selection_(selection),
        marker_(marker),
        replacement_(replacement),
        matched_(selection.pointers_.size(), 0) {}

  std::optional<std::string> run() {
    if (json_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark
    for (skip_space(); at_ < json_.size(); skip_space()) {
      if (read_value(0, false)) continue;
      if (marker_ == nullptr) return std::nullopt;
      if (damage_ < json_.size()) replace(damage_, json_.size());  // else it was cut, and nothing is behind the cut
      break;
    }
    if (!changed_) return std::nullopt;
    out_.append(json_.substr(copied_));
    if (marker_ != nullptr && out_.size() > 2 * json_.size() + growth_allowance) return quoted(json_);
    return std::move(out_);
  }

 private:
  void skip_space() {
    while (at_ < json_.size() && is_json_space(json_[at_])) ++at_;
  }

  bool damaged_here() {
    damage_ = at_;
    return false;
  }

  // `hidden`: inside a value that is redacted as a whole, so nothing in it is looked for.
  bool read_value(std::size_t depth, bool hidden) {
    if (at_ == json_.size() || depth > json_depth_max) return damaged_here();
    const char first = json_[at_];
    if (first == '{') return read_members(depth, hidden);
    if (first == '[') return read_elements(depth, hidden);
    if (first == '"') return read_string();
    const std::size_t start = at_;
    while (at_ < json_.size() && is_bare(json_[at_])) ++at_;
    return at_ != start || damaged_here();
  }

  bool read_string() {
    for (std::size_t i = at_ + 1; i < json_.size(); ++i) {
      if (json_[i] == '\\') {
        ++i;
      } else if (json_[i] == '"') {
        at_ = i + 1;
        return true;
      }
    }
    return damaged_here();
  }

  bool read_members(std::size_t depth, bool hidden) {
    ++at_;
    skip_space();
    if (take('}')) return true;
    while (true) {
      skip_space();
      if (at_ == json_.size() || json_[at_] != '"') return damaged_here();
      const std::size_t start = at_;
      if (!read_string()) return false;
      const std::string_view raw = json_.substr(start + 1, at_ - start - 2);
      skip_space();
      if (!take(':')) return damaged_here();
      skip_space();
      std::string storage;
      if (!read_child(depth, hidden, hidden ? raw : decode_string(raw, storage), true)) return false;
      skip_space();
      if (take('}')) return true;
      if (!take(',')) return damaged_here();
    }
  }

  bool read_elements(std::size_t depth, bool hidden) {
    ++at_;
    skip_space();
    if (take(']')) return true;
    for (std::size_t index = 0;; ++index) {
      skip_space();
      char digits[20];
      const auto [end, error] = std::to_chars(digits, digits + sizeof digits, index);
      const std::string_view key(digits, static_cast<std::size_t>(end - digits));
      if (!read_child(depth, hidden, key, false)) return false;
      skip_space();
      if (take(']')) return true;
      if (!take(',')) return damaged_here();
    }
  }

  // A member's or an element's value, which is redacted if a rule says so.
  bool read_child(std::size_t depth, bool hidden, std::string_view key, bool is_member) {
    if (hidden) return read_value(depth + 1, true);
    const bool selected = enter(depth, key, is_member);
    const std::size_t start = at_;
    const bool whole = read_value(depth + 1, selected);
    leave(depth);
    if (!selected) return whole;
    if (!whole) {
      damage_ = start;  // a part of the secret may lie in front of the damage
      return false;
    }
    replace(start, at_);
    return true;
  }

  // Follows the pointers one segment deeper. matched_[i] is how many segments of pointer i the path to here agrees
  // with.
  bool enter(std::size_t depth, std::string_view key, bool is_member) {
    bool selected = is_member && std::ranges::find(selection_.names_, key) != selection_.names_.end();
    for (std::size_t i = 0; i < matched_.size(); ++i) {
      const JsonSelection::Pointer& pointer = selection_.pointers_[i];
      if (matched_[i] != depth || pointer.size() <= depth || (pointer[depth] != "*" && pointer[depth] != key)) continue;
      matched_[i] = depth + 1;
      selected = selected || pointer.size() == depth + 1;
    }
    return selected;
  }

  void leave(std::size_t depth) {
    for (std::size_t& matched : matched_) matched = std::min(matched, depth);
  }

  bool take(char wanted) {
    if (at_ == json_.size() || json_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  std::string quoted(std::string_view value) const {
    std::string text;
    append_json_string(text, marker_->text(value));
    return text;
  }

  void replace(std::size_t begin, std::size_t end) {
    std::string_view value = json_.substr(begin, end - begin);
    std::string storage;
    const bool is_string = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    if (is_string) value = decode_string(value.substr(1, value.size() - 2), storage);
    const std::optional<std::string> text = marker_ != nullptr ? quoted(value) : replacement_(value, is_string);
    if (!text) return;
    out_.append(json_.substr(copied_, begin - copied_)).append(*text);
    copied_ = end;
    changed_ = true;
  }

  const std::string_view json_;
  const JsonSelection& selection_;
  const Marker* const marker_;
  const JsonReplacement& replacement_;
  std::vector<std::size_t> matched_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  // json_ before this is in out_, or was replaced
  std::size_t damage_ = 0;
  bool changed_ = false;
};

std::optional<std::string> redact_json(std::string_view json, const JsonSelection& selection, const Marker& marker) {
  return JsonScanner(json, selection, &marker, {}).run();
}

std::optional<std::string> replace_json(std::string_view json, const JsonSelection& selection,
                                        const JsonReplacement& replacement) {
  return JsonScanner(json, selection, nullptr, replacement).run();
}

}  // namespace understudy
