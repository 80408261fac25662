// The part of a RecordingReport that every source fills in the same way: what next() has given.
#pragma once

#include <set>

#include "traffic/recording/exchange_source.hpp"

namespace understudy {

class ReportCounter {
 public:
  static constexpr std::size_t servers_max = 64;

  RecordingReport report;

  // Counts an exchange that is about to be given. A server of no address is one that the format does not tell.
  void count(const Exchange& exchange) {
    const CapturedRequest& request = *exchange.request;
    ++report.exchanges;
    if (exchange.response) ++report.responses;
    if (!report.first || request.first_byte < *report.first) report.first = request.first_byte;
    if (!report.last || request.first_byte > *report.last) report.last = request.first_byte;
    if (request.server == Endpoint() || servers_.size() == servers_max) return;
    if (servers_.insert(request.server).second) report.servers.push_back(request.server.to_string());
  }

 private:
  std::set<Endpoint> servers_;
};

}  // namespace understudy
