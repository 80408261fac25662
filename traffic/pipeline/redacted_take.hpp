// An exchange as it goes into a `.take` recording: the captured bytes themselves, or, where the redactor changes
// something, a head with the new values in the places of the old ones and every other line byte for byte.
//
// A body that the redactor replaces is recorded without chunk framing: Content-Length is set, Transfer-Encoding and
// Trailer go. Content-Length and Transfer-Encoding themselves are never redacted: the recording could not be read.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/http/exchange.hpp"
#include "traffic/http/offered_exchange.hpp"
#include "traffic/recording/take_capture_view.hpp"
#include "traffic/rules/redactor.hpp"

namespace understudy {

class RedactedTake {
 public:
  // Valid until the next call, and as long as the exchange lives. REQUIRES: the request's head was retained.
  [[nodiscard]] const TakeExchange& of(const Exchange& exchange, const Redactor& redactor);
  // The same. The response stays where it lies if nothing of it may be redacted.
  [[nodiscard]] const TakeExchange& of(OfferedExchange& exchange, const Redactor& redactor);

 private:
  // What a message's redaction needs to stay alive.
  struct Replaced {
    std::string head;
    std::string body;
    std::string_view piece;
  };

  void redact_request(const HttpMessage& request, const Redactor& redactor, TakeExchange& view);
  void redact(const HttpMessage& message, const Redactor& redactor, Replaced& replaced, TakeMessage& view);
  void write_head(const HttpMessage& message, const std::optional<std::string>& target, bool has_new_body,
                  Replaced& replaced);

  TakeCaptureView capture_;
  Replaced request_;
  Replaced response_;
  std::vector<std::pair<std::size_t, std::string>> values_;  // index of the field, its new value; in ascending order
};

}  // namespace understudy
