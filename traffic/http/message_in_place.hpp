// A message that came whole in one piece, where it lies: for those who take what they need of it and keep nothing.
//
// Dead when the call ends that tells it. Thread safety: none; the reader's thread.
#pragma once

#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/http/head_parser.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

struct MessageInPlace {
  const ParsedHead& head;                   // without obs-fold
  std::string_view body;                    // its wire bytes are its content
  BodyFraming framing = BodyFraming::none;  // or content_length
  WallTime first_byte;
  WallTime last_byte;
};

}  // namespace understudy
