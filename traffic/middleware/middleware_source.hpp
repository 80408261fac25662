// Recorded exchanges whose requests pass through the user's middleware on their way.
//
//   inner source --reader's thread--> window of exchanges, submitted ahead --> next(), in the recording's order
//                                       |                        ^
//                                       +--> MiddlewareProcess --+
//
// What the middleware changes replaces the request; what it omits is left out, and counted. An exchange whose request
// it could not judge, or changed to what is no request, is given unchanged, or left out and counted, as `fail_open`
// says. One whose body was not recorded passes as it is.
//
// Only time tells that a request was omitted, so the window must hold what is played in that time: exchanges_max is
// about 16,000 a second of it. A recording in files is read ahead before the first exchange is given, so that playing
// does not begin with that wait; one that comes through a pipe is given as it comes.
//
// Bounds: exchanges_max and bytes_max of exchanges read and not given; one exchange may be over bytes_max alone.
//
// Thread safety: as ExchangeSource; the reader's thread is its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "traffic/base/counter.hpp"
#include "traffic/middleware/middleware_process.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

struct MiddlewareSourceOptions {
  bool fail_open = true;
  bool is_live = false;  // a pipe, which gives each exchange when it happens
  std::size_t exchanges_max = 32768;
  std::uint64_t bytes_max = std::uint64_t{32} << 20U;
  Nanoseconds read_ahead_max = std::chrono::seconds(5);  // before the first exchange is given
};

// What the middleware kept from being played. Written by the thread that calls next().
struct MiddlewareSourceCounts {
  Counter omitted;
  Counter failed;  // not judged, and fail_open is off
};

class MiddlewareSource final : public ExchangeSource {
 public:
  // The process and the counts outlive it. Begins to read. REQUIRES: the process has no messages of another source that
  // is still used, as ids would be the same.
  MiddlewareSource(std::unique_ptr<ExchangeSource> inner, MiddlewareProcess& process,
                   const MiddlewareSourceOptions& options, MiddlewareSourceCounts& counts);
  // Ends the reader. One that waits for a pipe is left alone, and ends with the pipe or the program.
  ~MiddlewareSource() override;
  MiddlewareSource(const MiddlewareSource&) = delete;
  MiddlewareSource& operator=(const MiddlewareSource&) = delete;

  [[nodiscard]] Result<ExchangePtr> next() override;
  // Exchanges that were left out count as given; what was only read ahead does not.
  [[nodiscard]] const RecordingReport& report() const override;

 private:
  class Window;

  const std::shared_ptr<Window> window_;  // the reader and the process's callbacks have it as well
};

}  // namespace understudy
