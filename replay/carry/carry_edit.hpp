// Puts carried values into one request.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/carry/carry_rules.hpp"
#include "replay/carry/carry_values.hpp"
#include "traffic/http/head_draft.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// Where the values of a session, or of all, are found. Pointers are valid until the next call of the same function.
class CarryLookup {
 public:
  virtual ~CarryLookup() = default;
  [[nodiscard]] virtual const CarriedValue* find(const CarryKey& key, std::string_view recorded) = 0;
  [[nodiscard]] virtual const CarriedValue* latest(const CarryKey& key) = 0;
  // Oldest first.
  [[nodiscard]] virtual std::vector<const CarriedValue*> of_rule(std::size_t rule) = 0;
};

class CarryEdit {
 public:
  // All outlive it. `draft` was made from `request`.
  CarryEdit(const CarryRules& rules, CarryLookup& lookup, const HttpMessage& request, HeadDraft& draft,
            std::size_t body_max)
      : rules_(rules), lookup_(lookup), request_(request), draft_(draft), body_max_(body_max) {}

  // Once.
  void apply();
  [[nodiscard]] bool changed() const { return changed_; }
  // The request holds a recorded value that has no replacement.
  [[nodiscard]] bool is_missing() const { return missing_; }

 private:
  void apply(std::size_t index);
  void edit_header(std::size_t index);
  void fill_template(std::size_t index);
  void edit_cookies(std::size_t index);
  void fill_redacted_cookies(std::size_t index);
  void edit_parameters(std::size_t index);
  void edit_json(std::size_t index);
  void edit_path(std::size_t index);

  [[nodiscard]] std::optional<std::string> whole(const CarryKey& key, std::string_view text);
  [[nodiscard]] std::optional<std::string> word(const CarryKey& key, std::string_view text);
  // The whole text, or else its words.
  [[nodiscard]] std::optional<std::string> whole_or_words(const CarryKey& key, std::string_view text);
  [[nodiscard]] std::optional<std::string> parameters(const CarryKey& key, std::string_view query);
  // The body as it stands, or null when it is not to be looked into.
  [[nodiscard]] const std::string* body();
  void set_body(std::string content);

  const CarryRules& rules_;
  CarryLookup& lookup_;
  const HttpMessage& request_;
  HeadDraft& draft_;
  const std::size_t body_max_;
  std::optional<std::string> body_;
  bool body_changed_ = false;
  std::string redacted_cookies_;  // what the rules give for a Cookie field that is redacted
  bool changed_ = false;
  bool missing_ = false;
};

}  // namespace understudy
