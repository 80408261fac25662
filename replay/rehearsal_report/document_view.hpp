// Reads rehearsal.json where a member may be missing: what is not there is empty, and never an error.
//
// Values; pure functions; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy {

// A place in the document, or nothing. Does not own; the document outlives it.
class DocumentView {
 public:
  explicit DocumentView(const boost::json::value* value) : value_(value) {}

  [[nodiscard]] DocumentView operator[](std::string_view member) const;
  // The elements of an array; nothing of anything else.
  [[nodiscard]] std::vector<DocumentView> items() const;
  // The members of an object.
  [[nodiscard]] std::vector<std::pair<std::string, DocumentView>> members() const;

  [[nodiscard]] bool exists() const { return value_ != nullptr && !value_->is_null(); }
  [[nodiscard]] bool is_true() const { return value_ != nullptr && value_->is_bool() && value_->get_bool(); }
  // "" unless it is a string.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::optional<double> number() const;

 private:
  const boost::json::value* value_;
};

}  // namespace understudy
