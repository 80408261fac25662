// Writes exchanges as an HTTP archive (HAR 1.2), one entry a line.
//
// Messages are written as they were on the wire: heads with all their fields, in their order and case, each byte from
// 0x80 on as the code point of the same number; bodies without chunk framing, but with their content coding; as text
// where they are UTF-8, else as base64. That is more than HAR can say, and members of our own, which begin with an
// underscore as the format asks, tell it:
//   _asOnWire             of request and response: header values are Latin-1, content is not decoded
//   _target               of the request: the request target, where the url's is another
//   _encoding             of postData: "base64"
//   _complete             of the response: false where it was cut
//   _client, _server      of the entry: address and port
//   _sessionId            of the entry: a number; equal ones are the same connection
//   _startedNanoseconds   of the entry: what startedDateTime leaves out, within its millisecond
//   _times                of the entry: the request's last byte, the response's first and last, in nanoseconds from
//                         the request's first
//   _completeness         of the log: "complete" or "incomplete", where the source told
//
// What it cannot hold: chunk sizes and trailers, and how a head's lines were spaced and ended.
#pragma once

#include <memory>
#include <string>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

// The file is created, or emptied if it is there. ExitCode::output_failed.
[[nodiscard]] Result<std::unique_ptr<ExchangeWriter>> make_har_writer(const std::string& path);

}  // namespace understudy
