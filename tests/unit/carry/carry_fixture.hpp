// Responses to learn from, and requests to edit, for the tests of carried values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/carry/carry_book.hpp"
#include "tests/support/messages.hpp"

namespace understudy::test {

inline HttpMessage response(std::string_view field_lines, std::string_view body = "") {
  return read_response("HTTP/1.1 200 OK\r\n" + std::string(field_lines) +
                       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

inline CarryBook carry_book(std::vector<std::string> rules, const CarryLimits& limits = {}) {
  return CarryBook(CarryRules::compile(rules).value(), limits);
}

inline void learn_json(CarryBook& book, std::string_view recorded, std::string_view replayed, SessionId session = 1) {
  const HttpMessage old_response = response("", recorded);
  const HttpMessage new_response = response("", replayed);
  book.learn(session, &old_response, &new_response);
}

inline void learn_fields(CarryBook& book, std::string_view recorded, std::string_view replayed, SessionId session = 1) {
  const HttpMessage old_response = response(recorded);
  const HttpMessage new_response = response(replayed);
  book.learn(session, &old_response, &new_response);
}

// The request after the edit: as it was when nothing was edited.
inline std::string edited(CarryBook& book, const std::string& request, SessionId session = 1) {
  const HttpMessage message = read_request(request);
  HeadDraft draft(message);
  if (!book.edit(session, message, draft)) return draft.edited() ? "edited, but not told" : request;
  const HttpMessage changed = draft.to_message();
  return std::string(changed.raw_head()) + changed.body().content();
}

inline std::string get(std::string_view target, std::string_view field_lines = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(field_lines) + "\r\n";
}

inline std::string post(std::string_view content_type, std::string_view body) {
  return "POST /x HTTP/1.1\r\nContent-Type: " + std::string(content_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace understudy::test
