// Payloads of exchange blocks into exchanges.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/http/whole_message.hpp"
#include "traffic/recording/exchange_order.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/take_record.hpp"

namespace understudy {

// Which requests are wanted, by the first byte: from <= time < to.
struct TakeWindow {
  std::optional<WallTime> from;
  std::optional<WallTime> to;

  [[nodiscard]] bool has(WallTime time) const { return (!from || time >= *from) && (!to || time < *to); }
  // Whether some request between these two may be wanted.
  [[nodiscard]] bool touches(WallTime first, WallTime last) const {
    return (!from || last >= *from) && (!to || first < *to);
  }
};

class TakeDecoder {
 public:
  // `report` gets the damage that is found; it outlives this.
  TakeDecoder(std::string path, RecordingReport& report) : path_(std::move(path)), report_(report) {}

  // Adds the payload's exchanges to `order`. `offset` is the block's, for reports.
  void decode(std::string_view payload, std::uint64_t offset, std::uint64_t session_base, const TakeWindow& window,
              ExchangeOrder& order);

 private:
  [[nodiscard]] Result<ExchangePtr> make_exchange(const TakeExchange& from, std::uint64_t session_base);
  [[nodiscard]] Result<HttpMessage> make_message(MessageKind kind, const TakeMessage& from,
                                                 const WholeMessageOptions& options);

  const std::string path_;
  RecordingReport& report_;
  TakeExchangeView view_;
  WholeMessageParser parser_;
  std::uint64_t rank_ = 0;
};

}  // namespace understudy
