// Pairs requests and responses of .gor records by their ids, and gives the exchanges ordered by time.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
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
  struct Entry {
    std::string id;
    std::shared_ptr<CapturedRequest> request;  // null: only the response came so far
    std::optional<CapturedResponse> response;
    std::string response_text;  // one that came before its request
    bool response_has_end = true;
    bool response_came = false;
    WallTime response_start;
    std::optional<Nanoseconds> response_latency;
    std::uint64_t response_offset = 0;
    std::string file;
    bool request_had_latency = false;
    std::size_t bytes = 0;
  };
  using Place = std::pair<WallTime, std::uint64_t>;  // time, order of coming
  using Entries = std::map<Place, Entry>;

  [[nodiscard]] Result<void> add_request(GorRecords& records);
  [[nodiscard]] Result<void> add_response(GorRecords& records);
  void note_damage(const GorRecords& records, std::string text);
  // Parses a response that came before its request.
  void complete_early_response(Entry& entry);
  void set_response(Entry& entry, HttpMessage message, bool complete);
  void insert(WallTime time, Entry entry);
  void weigh(Entry& entry);
  [[nodiscard]] bool is_due(const Place& place, const Entry& entry) const;

  const GorReadOptions options_;
  RecordingReport& report_;
  WholeMessageParser parser_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_id_;  // keys are the entries' own ids
  std::uint64_t arrived_ = 0;
  std::size_t bytes_ = 0;
  WallTime newest_{Nanoseconds::min()};
};

}  // namespace understudy
