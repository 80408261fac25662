// Reads members of a JSON object by name and type, and says what was wrong with the first that did not fit.
//
// The value outlives the reader. Thread safety: one thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "replay/compare/json_document.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class PayloadReader {
 public:
  // `what` is what the body is, for errors: "the answer of /health". A body that is no JSON object is the first error.
  PayloadReader(std::string_view what, std::string_view body);
  // A reader of one object below, whose place is "Tests/3". Errors are the new reader's own.
  PayloadReader(std::string_view what, std::string place, const boost::json::value& value);

  // A member of that type; after the first error nothing is read any more, and values are empty.
  [[nodiscard]] std::string text(std::string_view name) { return read_text(name, true); }
  // "" also where it is missing or null.
  [[nodiscard]] std::string optional_text(std::string_view name) { return read_text(name, false); }
  [[nodiscard]] bool flag(std::string_view name);
  [[nodiscard]] bool optional_flag(std::string_view name);
  // A whole number from 0 on; 0 where it is missing.
  [[nodiscard]] std::uint64_t optional_count(std::string_view name);
  // Null where it is missing, which is an error if it is wanted.
  [[nodiscard]] const boost::json::array* array(std::string_view name, bool wanted);
  // Null where it is missing or null.
  [[nodiscard]] const boost::json::value* optional_value(std::string_view name);
  [[nodiscard]] const boost::json::value* value(std::string_view name);

  void refuse(std::string message);
  void take_error(const PayloadReader& below);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  [[nodiscard]] std::string read_text(std::string_view name, bool wanted);
  [[nodiscard]] const boost::json::value* find(std::string_view name, bool wanted);
  void wrong_type(std::string_view name, std::string_view expected, const boost::json::value& value);

  std::string what_;
  std::string place_;                 // "" or "Tests/3/"
  std::unique_ptr<JsonArena> arena_;  // of the whole body; readers below have none
  const boost::json::object* object_ = nullptr;
  std::optional<Error> error_;
};

}  // namespace understudy
