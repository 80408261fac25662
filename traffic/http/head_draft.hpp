// An editable copy of a request's head, for rules that rewrite, set and remove.
//
// Lines that no edit touches keep their own bytes, order and case. Making a draft copies nothing; the first edit copies
// the index of the fields.
//
//   HeadDraft draft(request.message);
//   draft.set_field("X-Stage", "shadow");
//   if (draft.edited()) send(draft.to_message()); else send(request.message);
//
// Values given by callers are made safe for a head: CR, LF and NUL in them become spaces, so that no edit can add a
// line.
//
// Lifetime: the message outlives the draft; views that a draft returns are valid until its next edit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/http/message.hpp"

namespace understudy {

class HeadDraft {
 public:
  // REQUIRES: `message` is a request whose head was retained.
  explicit HeadDraft(const HttpMessage& message);

  [[nodiscard]] std::string_view method() const;
  [[nodiscard]] std::string_view target() const;
  [[nodiscard]] std::size_t field_count() const;
  // REQUIRES: index < field_count().
  [[nodiscard]] std::string_view field_name(std::size_t index) const;
  [[nodiscard]] std::string_view field_value(std::size_t index) const;
  // The first field of that name, compared without case.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;

  void set_method(std::string_view method);
  // White space in it is percent-encoded, so that the request line keeps three parts.
  void set_target(std::string_view target);
  // Replaces the value of the first field of that name, where it stands, and removes further ones; appends a field if
  // there is none.
  void set_field(std::string_view name, std::string_view value);
  void set_field_value(std::size_t index, std::string_view value);
  void append_field(std::string_view name, std::string_view value);
  // Gives all fields of that name another name, where they stand. Returns how many.
  std::size_t rename_field(std::string_view name, std::string_view new_name);
  // Returns how many were removed.
  std::size_t remove_field(std::string_view name);
  void remove_field(std::size_t index);
  // Sends this content instead of the body: Content-Length is set to its size, and Transfer-Encoding and Trailer are
  // removed.
  void replace_body(std::string content);

  // Whether any edit was made. An edit to the same value counts.
  [[nodiscard]] bool edited() const { return edited_; }

  // The request as it stands now. Its body is the replaced one, or shares the original's bytes.
  [[nodiscard]] HttpMessage to_message() const;

 private:
  struct Line {
    std::size_t original = 0;  // index of the message's field, while not owned
    bool is_owned = false;     // name and value are below
    std::string name;
    std::string value;
  };

  void begin_edit();
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name, std::size_t begin) const;

  const HttpMessage& message_;
  bool edited_ = false;
  std::vector<Line> lines_;  // once edited
  std::optional<std::string> method_;
  std::optional<std::string> target_;
  std::optional<std::string> body_;
};

}  // namespace understudy
