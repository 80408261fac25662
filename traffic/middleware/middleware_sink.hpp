// A sink in front of another one: requests pass through the user's middleware on their way.
//
//   worker w --on_request--> MiddlewareProcess --its thread--> inner.on_request(request, lane)
//                       \--refused: passes unchanged--------> inner.on_request(request, w)
//
// What the middleware changes replaces the request; what it omits goes nowhere, and is counted. A request that it could
// not judge, or whose change is no HTTP request, passes unchanged or is dropped, as `fail_open` says.
//
// Exchanges pass to the inner sink as they were captured, since a recording tells what production got; the middleware
// sees responses only with `with_responses`, and what it gives back of them is not used.
//
// Thread safety: as Sink. REQUIRES of the inner sink: it knows one more worker than there are, whose number is `lane`;
// the middleware's thread is that worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "traffic/http/whole_message.hpp"
#include "traffic/middleware/middleware_process.hpp"
#include "traffic/pipeline/sink.hpp"

namespace understudy {

struct MiddlewareSinkOptions {
  bool fail_open = true;
  bool with_responses = false;
  unsigned lane = 1;
};

class MiddlewareSink final : public Sink {
 public:
  // The process and the inner sink outlive it.
  MiddlewareSink(MiddlewareProcess& process, Sink& inner, const MiddlewareSinkOptions& options);

  [[nodiscard]] const std::string& name() const override { return inner_.name(); }
  [[nodiscard]] SinkNeeds needs() const override;
  void on_request(const RequestPtr& request, unsigned worker) override;
  void on_exchange(const ExchangePtr& exchange, unsigned worker) override;
  // Drains the process, then the inner sink.
  void drain(MonotonicTime deadline) override;

 private:
  void finish(const RequestPtr& request, MiddlewareVerdict verdict, std::string_view bytes);

  MiddlewareProcess& process_;
  Sink& inner_;
  const MiddlewareSinkOptions options_;
  const bool inner_wants_exchanges_;
  WholeMessageParser parser_;  // of the process's thread
};

// The bytes of a message as they were on the wire, and an id that a request and its response share.
[[nodiscard]] std::string middleware_bytes(const HttpMessage& message);
[[nodiscard]] std::string middleware_id(const CapturedRequest& request);

// The captured request with the message that a middleware gave back. Null when those bytes are no request. The very
// same bytes give the same request.
[[nodiscard]] RequestPtr with_middleware_bytes(const RequestPtr& request, std::string_view bytes,
                                               WholeMessageParser& parser);

}  // namespace understudy
