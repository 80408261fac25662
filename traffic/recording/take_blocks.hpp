// From blocks to exchanges: what reading a file and reading a pipe have in common.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "traffic/recording/exchange_order.hpp"
#include "traffic/recording/report_counter.hpp"
#include "traffic/recording/take_decoder.hpp"
#include "traffic/recording/take_key.hpp"
#include "traffic/recording/take_packer.hpp"
#include "traffic/recording/take_reader.hpp"
#include "traffic/recording/take_scan.hpp"
#include "traffic/recording/take_segments.hpp"

namespace understudy {

class TakeBlocks {
 public:
  TakeBlocks(const std::string& path, const TakeReadOptions& options, std::optional<TakeKey> key);

  // Takes a block of exchanges, whose `stored` bytes lie behind its header. What it holds goes into order().
  [[nodiscard]] Result<void> take_exchanges(const TakeBlock& block, std::string_view stored,
                                            std::uint64_t session_base);
  // Makes the window of the options, now that it is known when the recording begins.
  void set_begin(WallTime first_request);
  // The earliest of order(), counted in the report. REQUIRES: order() is not empty.
  [[nodiscard]] ExchangePtr give();
  // Forgets an exchange whose further parts did not come, and tells it.
  void drop_parts();

  [[nodiscard]] ExchangeOrder& order() { return order_; }
  [[nodiscard]] const TakeWindow& window() const { return window_; }
  [[nodiscard]] TakeSegments& segments() { return segments_; }
  [[nodiscard]] TakeUnpacker& unpacker() { return unpacker_; }
  [[nodiscard]] RecordingReport& report() { return counter_.report; }
  [[nodiscard]] const RecordingReport& report() const { return counter_.report; }

 private:
  void join(const TakeBlock& block);
  void decode(std::string_view payload, std::uint64_t offset, std::uint64_t session_base);

  const std::string path_;
  const TakeReadOptions options_;
  const std::optional<TakeKey> key_;
  ReportCounter counter_;
  TakeUnpacker unpacker_;
  TakeSegments segments_;
  TakeDecoder decoder_;
  TakeWindow window_;
  ExchangeOrder order_;
  std::string parts_;  // of an exchange larger than a block, so far
  std::uint64_t parts_offset_ = 0;
  bool skip_parts_ = false;  // of an exchange one of whose parts is damaged
  std::optional<WallTime> last_given_;
};

}  // namespace understudy
