#include "replay/carry/carry_edit.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/json_text.hpp"
#include "traffic/http/byte_scan.hpp"
#include "traffic/rules/content_coding.hpp"
#include "traffic/rules/marker.hpp"
#include "traffic/rules/query.hpp"
#include "traffic/rules/selector.hpp"

namespace understudy {
namespace {

// A value begins where `piece` does within `whole`.
std::size_t offset_in(std::string_view whole, std::string_view piece) {
  return static_cast<std::size_t>(piece.data() - whole.data());
}

// Builds a text from another one with some pieces replaced, which are given from left to right.
class Replacer {
 public:
  explicit Replacer(std::string_view text) : text_(text) {}
  void replace(std::string_view piece, std::string_view by) {
    const std::size_t begin = offset_in(text_, piece);
    out_.append(text_.substr(copied_, begin - copied_)).append(by);
    copied_ = begin + piece.size();
    changed_ = true;
  }
  [[nodiscard]] std::optional<std::string> finish() && {
    if (!changed_) return std::nullopt;
    return std::move(out_.append(text_.substr(copied_)));
  }

 private:
  std::string_view text_;
  std::string out_;
  std::size_t copied_ = 0;
  bool changed_ = false;
};

// Calls `visit` for each run of bytes that are none of `separators`.
template <typename Visit>
void for_each_piece(std::string_view text, std::string_view separators, Visit&& visit) {
  for (std::size_t begin = text.find_first_not_of(separators); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    visit(text.substr(begin, end - begin));
    begin = text.find_first_not_of(separators, end);
  }
}

constexpr std::string_view coarse_separators = " ,;\"";
constexpr std::string_view fine_separators = " ,;\"'/=&?:<>()";

bool is_form(const HttpMessage& message) {
  constexpr std::string_view form = "application/x-www-form-urlencoded";
  const auto type = message.field("content-type");
  return type && equals_ignoring_case(trim_blanks(type->substr(0, type->find(';'))), form);
}

// C as JSON text: a value that was no string stays one only if C can be none, too.
std::string as_json(std::string_view value, bool is_string) {
  const bool is_number = !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos &&
                         (value.size() == 1 || value.front() != '0');
  std::string text;
  if (is_string || !is_number) {
    append_json_string(text, value);
  } else {
    text = value;
  }
  return text;
}

}  // namespace

void CarryEdit::apply() {
  for (std::size_t i = 0; i < rules_.rules().size(); ++i) apply(i);
  if (!redacted_cookies_.empty()) {
    draft_.set_field("Cookie", redacted_cookies_);
    changed_ = true;
  }
  if (body_changed_) draft_.replace_body(std::move(*body_));
}

void CarryEdit::apply(std::size_t index) {
  switch (rules_.rules()[index].destination) {
    case CarryDestination::header: return edit_header(index);
    case CarryDestination::cookie: return edit_cookies(index);
    case CarryDestination::param: return edit_parameters(index);
    case CarryDestination::json: return edit_json(index);
    case CarryDestination::path: return edit_path(index);
  }
}

std::optional<std::string> CarryEdit::whole(const CarryKey& key, std::string_view text) {
  const CarriedValue* const value = text.empty() ? nullptr : lookup_.find(key, text);
  if (value == nullptr) return std::nullopt;
  if (!value->learnt) missing_ = true;
  if (!value->learnt || value->replayed == text) return std::nullopt;
  return value->replayed;
}

std::optional<std::string> CarryEdit::word(const CarryKey& key, std::string_view text) {
  return text.size() < CarryRules::word_min ? std::nullopt : whole(key, text);
}

// A value may hold separators itself (base64 has "=" and "/"), so larger pieces are tried before smaller ones.
std::optional<std::string> CarryEdit::whole_or_words(const CarryKey& key, std::string_view text) {
  if (auto found = whole(key, text)) return found;
  // What stands behind the first space may be one value: "Bearer R".
  const std::size_t space = text.find(' ');
  const std::string_view tail = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  const auto of_tail = word(key, tail);
  Replacer replacer(text);
  for_each_piece(of_tail ? text.substr(0, space) : text, coarse_separators, [&](std::string_view piece) {
    const std::size_t equals = piece.find('=');
    for (const std::string_view part : {piece, equals == std::string_view::npos ? piece : piece.substr(equals + 1)}) {
      if (const auto found = word(key, part)) return replacer.replace(part, *found);
    }
    for_each_piece(piece, fine_separators, [&](std::string_view part) {
      if (part.size() == piece.size()) return;
      if (const auto found = word(key, part)) replacer.replace(part, *found);
    });
  });
  if (of_tail) replacer.replace(tail, *of_tail);
  return std::move(replacer).finish();
}

void CarryEdit::edit_header(std::size_t index) {
  const CarryRule& rule = rules_.rules()[index];
  if (!rule.destination_template.empty()) return fill_template(index);
  for (std::size_t i = 0; i < draft_.field_count(); ++i) {
    if (!equals_ignoring_case(draft_.field_name(i), rule.destination_name)) continue;
    if (const auto found = whole_or_words({index, {}}, draft_.field_value(i))) {
      draft_.set_field_value(i, *found);
      changed_ = true;
    }
  }
}

void CarryEdit::fill_template(std::size_t index) {
  const CarryRule& rule = rules_.rules()[index];
  if (!draft_.field(rule.destination_name)) return;
  const CarriedValue* const value = lookup_.latest({index, {}});
  if (value == nullptr || !value->learnt) {
    missing_ = true;
    return;
  }
  std::string text = rule.destination_template;
  text.replace(text.find("{}"), 2, value->replayed);
  draft_.set_field(rule.destination_name, text);
  changed_ = true;
}

void CarryEdit::edit_cookies(std::size_t index) {
  const CarryRule& rule = rules_.rules()[index];
  for (std::size_t i = 0; i < draft_.field_count(); ++i) {
    if (!equals_ignoring_case(draft_.field_name(i), "cookie")) continue;
    if (is_marker(draft_.field_value(i))) return fill_redacted_cookies(index);
    std::string_view rest = draft_.field_value(i);
    Replacer replacer(rest);
    std::string_view name;
    std::string_view value;
    while (next_cookie(rest, name, value)) {
      const bool every = rule.destination_name.empty();
      if (!every && name != rule.destination_name) continue;
      const CarryKey key{index, every ? name : std::string_view()};
      if (const auto found = whole_or_words(key, value)) replacer.replace(value, *found);
    }
    if (const auto found = std::move(replacer).finish()) {
      draft_.set_field_value(i, *found);
      changed_ = true;
    }
  }
}

void CarryEdit::fill_redacted_cookies(std::size_t index) {
  const CarryRule& rule = rules_.rules()[index];
  const std::vector<const CarriedValue*> values = lookup_.of_rule(index);
  bool any = false;
  for (auto value = values.begin(); value != values.end(); ++value) {
    const bool is_latest = std::none_of(value + 1, values.end(),
                                        [value](const CarriedValue* later) { return later->name == (*value)->name; });
    if (!is_latest || !(*value)->learnt || (*value)->replayed.empty()) continue;
    if (!redacted_cookies_.empty()) redacted_cookies_ += "; ";
    redacted_cookies_ += rule.destination_name.empty() ? (*value)->name : rule.destination_name;
    redacted_cookies_.append("=").append((*value)->replayed);
    any = true;
  }
  if (!any) missing_ = true;
}

std::optional<std::string> CarryEdit::parameters(const CarryKey& key, std::string_view query) {
  const std::string& wanted = rules_.rules()[key.rule].destination_name;
  Replacer replacer(query);
  ParameterReader reader(query);
  std::string storage;
  while (const auto parameter = reader.next()) {
    if (!decodes_to(parameter->name, wanted)) continue;
    const auto found = whole(key, decode_parameter(parameter->value, storage));
    if (!found) continue;
    std::string encoded;
    append_encoded(encoded, *found);
    replacer.replace(parameter->value, encoded);
  }
  return std::move(replacer).finish();
}

void CarryEdit::edit_parameters(std::size_t index) {
  const CarryKey key{index, {}};
  const std::string_view target = draft_.target();
  const std::string_view query = split_target(target).query;
  if (const auto found = parameters(key, query)) {
    Replacer replacer(target);
    replacer.replace(query, *found);
    draft_.set_target(*std::move(replacer).finish());
    changed_ = true;
  }
  if (!is_form(request_)) return;
  const std::string* const content = body();
  if (content == nullptr) return;
  if (auto found = parameters(key, *content)) set_body(std::move(*found));
}

void CarryEdit::edit_json(std::size_t index) {
  const std::string* const content = body();
  if (content == nullptr || content->empty()) return;
  std::size_t room = body_max_;  // what one value became, a million may
  auto found = replace_json(*content, rules_.rules()[index].destination_selection,
                            [&](std::string_view value, bool is_string) -> std::optional<std::string> {
                              const CarryKey key{index, {}};
                              const auto text = is_string ? whole_or_words(key, value) : whole(key, value);
                              if (!text || text->size() > room) return std::nullopt;
                              room -= text->size();
                              return as_json(*text, is_string);
                            });
  if (found) set_body(std::move(*found));
}

void CarryEdit::edit_path(std::size_t index) {
  const CarryKey key{index, {}};
  const std::string_view target = draft_.target();
  const std::string_view path = split_target(target).path;
  if (!path.starts_with('/')) return;
  Replacer replacer(target);
  for_each_piece(path, "/", [&](std::string_view segment) {
    auto found = whole(key, segment);
    std::string storage;
    // "+" is no space in a path, so only a segment without one is decoded.
    if (!found && segment.find('%') != std::string_view::npos && segment.find('+') == std::string_view::npos) {
      found = whole(key, decode_parameter(segment, storage));
    }
    if (!found) return;
    std::string encoded;
    append_encoded(encoded, *found);
    replacer.replace(segment, encoded);
  });
  if (auto edited = std::move(replacer).finish()) {
    draft_.set_target(*edited);
    changed_ = true;
  }
}

const std::string* CarryEdit::body() {
  if (body_) return &*body_;
  const Body& body = request_.body();
  if (!body.is_kept() || body.content_size() > body_max_) return nullptr;
  if (content_coding_of(request_) != ContentCoding::identity) return nullptr;
  body_ = body.content();
  return &*body_;
}

void CarryEdit::set_body(std::string content) {
  body_ = std::move(content);
  body_changed_ = true;
  changed_ = true;
}

}  // namespace understudy
