// Reads well-formed HTTP/1.1 requests off a connection, checks their bodies against the pattern, and keeps no body.
//
// A reader for the receiving end of tests: strict and small, without a byte in common with the product's own reader.
// The id is the number behind "id=" in the target, the expected length of the body the number behind "n=". Without an
// id the bytes of a body are not checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace understudy::tools {

// The target has no "n=": any length is right.
inline constexpr std::uint64_t unknown_length = ~std::uint64_t{0};

struct ScannedRequest {
  std::string head;  // request line and fields with the empty line; valid until the next request begins
  std::uint64_t id = 0;
  bool has_id = false;
  bool close = false;  // the client asked for the connection to end
  bool body_intact = true;
  std::uint64_t body_length = 0;
  std::uint64_t expected_length = unknown_length;
};

class RequestScanner {
 public:
  enum class Event { need_more, head, complete, malformed };

  // Takes bytes from the front of `input` up to the next event. After `complete` the next call begins a new request.
  // `head` is reported once a request, before its body, so that the caller can answer "Expect: 100-continue".
  Event scan(std::string_view& input);

  [[nodiscard]] const ScannedRequest& request() const { return request_; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }

 private:
  enum class State { head, fixed_body, chunk_size, chunk_data, chunk_end, trailer, done };

  Event take_head(std::string_view& input);
  bool parse_head();
  void parse_field(std::string_view name, std::string_view value);
  Event take_line(std::string_view& input);
  bool finish_line();
  void take_body(std::string_view& input);
  Event finish();

  State state_ = State::head;
  ScannedRequest request_;
  std::string line_;             // a chunk-size or trailer line, bounded by max_line
  std::uint64_t remaining_ = 0;  // bytes left of the body or of the chunk
  bool expects_continue_ = false;
};

}  // namespace understudy::tools
