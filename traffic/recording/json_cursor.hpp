// Moves through the text of one JSON document value by value, so that a document of any size is read with the memory of
// its largest wanted part.
//
// Values are found by their brackets and quotes; whether they are JSON is left to whoever parses them.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

class JsonCursor {
 public:
  // The input outlives it.
  explicit JsonCursor(UnpackedInput& input) : input_(input) {}

  // The next byte that is no white space, which stays; 0 at the end. All errors here mean that the disk failed.
  [[nodiscard]] Result<char> peek();
  // Takes the next byte that is no white space if it is this one.
  [[nodiscard]] Result<bool> take(char wanted);
  // Takes a member's name and its colon. Empty: there is none, or it has more than 200 bytes. Escapes stay as they are.
  [[nodiscard]] Result<std::optional<std::string>> take_key();
  // Passes over one value of any size. False: the text ended inside it.
  [[nodiscard]] Result<bool> skip_value();
  // The text of the next value, which is passed over by the next call of any of these. Empty: the text ended inside it,
  // or it is longer than `length_max` (and is passed over then; is_too_long() tells).
  [[nodiscard]] Result<std::optional<std::string_view>> take_value(std::size_t length_max);
  [[nodiscard]] bool is_too_long() const { return is_too_long_; }

 private:
  [[nodiscard]] Result<bool> has_more();
  void forget_value();

  UnpackedInput& input_;
  std::size_t value_length_ = 0;  // of the value that take_value() gave
  bool is_too_long_ = false;
};

}  // namespace understudy
