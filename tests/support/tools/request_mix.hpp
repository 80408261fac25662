// The requests of a load: of which kinds, in which shares, each with its own id.
//
// A mix is text such as "get=60,get+close=5,post/4096=20,post/65536=5,chunked/8192=10": kind[/bytes][+flag ...]=weight.
//   kinds: get head post chunked      flags: close (its own connection), continue (waits for 100 Continue)
// Which request gets which kind follows from its id and the seed alone, so that a run can be repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::tools {

struct RequestKind {
  enum class Form { get, head, post, chunked };
  Form form = Form::get;
  std::size_t body_bytes = 0;
  bool own_connection = false;
  bool waits_for_continue = false;
  std::uint64_t weight_end = 0;  // cumulated
};

class RequestMix {
 public:
  // Ends the program when `text` is no mix.
  RequestMix(std::string_view text, std::uint64_t seed);

  [[nodiscard]] const RequestKind& kind_of(std::uint64_t id) const;

  // Appends the head, and the body: `host` as in the Host field. Where the request waits for 100 Continue, the two go
  // to different strings; otherwise both to `head`.
  void append_request(std::uint64_t id, std::string_view host, std::string& head, std::string& body) const;

 private:
  std::vector<RequestKind> kinds_;
  std::uint64_t seed_;
};

}  // namespace understudy::tools
