// Pairs requests and responses of .gor records by their ids, and gives the exchanges ordered by time.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "traffic/http/whole_message.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/gor_records.hpp"
#include "traffic/recording/gor_source.hpp"

namespace understudy {

class GorPairing {
 public:
  // The report outlives it.
  GorPairing(const GorReadOptions& options, RecordingReport& report) : options_(options), report_(report) {}

  // Takes the current record. May let it end elsewhere, where its message does. An error means that the disk failed.
  [[nodiscard]] Result<void> add(GorRecords& records);
  // The next exchange whose turn has come; null when there is none before further records are added. With `at_end`, no
  // more will be added.
  [[nodiscard]] ExchangePtr pop(bool at_end);

 private:
  struct Held {  // a request, and what came for it
    std::string id;
    std::shared_ptr<CapturedRequest> request;
    std::optional<CapturedResponse> response;
    bool response_came = false;
    bool has_latency = false;  // the request's META had four fields
    std::size_t bytes = 0;
  };
  using Place = std::pair<WallTime, std::uint64_t>;  // time, order of coming
  using Requests = std::map<Place, Held>;

  struct EarlyResponse {  // one whose request has not come
    std::string text;
    std::string file;
    std::uint64_t offset = 0;
    bool has_end = true;
    WallTime start;
    std::optional<Nanoseconds> latency;
  };
  using EarlyResponses = std::unordered_map<std::string, EarlyResponse>;

  [[nodiscard]] Result<void> add_request(GorRecords& records);
  [[nodiscard]] Result<void> add_response(GorRecords& records);
  [[nodiscard]] Result<void> add_early_response(GorRecords& records);
  void note_damage(const GorRecords& records, std::string text);
  // Parses a response that came before its request.
  void complete(Held& held, const EarlyResponse& early);
  void set_response(Held& held, HttpMessage message, bool complete, WallTime start, std::optional<Nanoseconds> latency);
  void weigh(Held& held);
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] bool is_due(const Place& place, const Held& held) const;
  void drop_early_responses(bool at_end);
  EarlyResponses::iterator forget(EarlyResponses::iterator early);

  const GorReadOptions options_;
  RecordingReport& report_;
  WholeMessageParser parser_;
  Requests requests_;
  std::unordered_map<std::string_view, Requests::iterator> by_id_;  // keys are the requests' own ids
  EarlyResponses early_;
  std::deque<std::pair<WallTime, std::string>> early_order_;  // starts and ids, as they came; some are gone by now
  std::uint64_t arrived_ = 0;
  std::size_t bytes_ = 0;
  WallTime newest_{Nanoseconds::min()};
};

}  // namespace understudy
