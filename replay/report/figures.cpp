#include "replay/report/figures.hpp"

#include <algorithm>
#include <numeric>

namespace understudy {
namespace {

// Counters may be read torn, each on its own: an earlier one is never taken for more than is there.
void subtract(std::uint64_t& from, std::uint64_t earlier) { from -= std::min(from, earlier); }

}  // namespace

std::uint64_t Outcomes::completed() const {
  return std::accumulate(by_status.begin(), by_status.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

std::uint64_t Outcomes::of_class(unsigned hundreds) const {
  std::uint64_t sum = 0;
  for (const auto& [status, count] : by_status) sum += status / 100U == hundreds ? count : 0;
  return sum;
}

std::uint64_t Outcomes::lost_total() const { return std::accumulate(lost.begin(), lost.end(), std::uint64_t{0}); }

Outcomes& Outcomes::operator+=(const Outcomes& other) {
  sent += other.sent;
  for (const auto& [status, count] : other.by_status) by_status[status] += count;
  for (std::size_t i = 0; i < lost.size(); ++i) lost[i] += other.lost[i];
  latency += other.latency;
  service_latency += other.service_latency;
  return *this;
}

Outcomes& Outcomes::operator-=(const Outcomes& earlier) {
  subtract(sent, earlier.sent);
  for (const auto& [status, count] : earlier.by_status) subtract(by_status[status], count);
  std::erase_if(by_status, [](const auto& entry) { return entry.second == 0; });
  for (std::size_t i = 0; i < lost.size(); ++i) subtract(lost[i], earlier.lost[i]);
  latency -= earlier.latency;
  service_latency -= earlier.service_latency;
  return *this;
}

ComparisonCounts& ComparisonCounts::operator+=(const ComparisonCounts& other) {
  compared += other.compared;
  different += other.different;
  status_mismatches += other.status_mismatches;
  header_mismatches += other.header_mismatches;
  body_mismatches += other.body_mismatches;
  not_comparable += other.not_comparable;
  return *this;
}

ComparisonCounts& ComparisonCounts::operator-=(const ComparisonCounts& earlier) {
  subtract(compared, earlier.compared);
  subtract(different, earlier.different);
  subtract(status_mismatches, earlier.status_mismatches);
  subtract(header_mismatches, earlier.header_mismatches);
  subtract(body_mismatches, earlier.body_mismatches);
  subtract(not_comparable, earlier.not_comparable);
  return *this;
}

LoadFigures& LoadFigures::operator+=(const LoadFigures& other) {
  planned += other.planned;
  outcomes += other.outcomes;
  lateness += other.lateness;
  wait += other.wait;
  connections_opened += other.connections_opened;
  bytes_out += other.bytes_out;
  bytes_in += other.bytes_in;
  comparison += other.comparison;
  return *this;
}

LoadFigures& LoadFigures::operator-=(const LoadFigures& earlier) {
  subtract(planned, earlier.planned);
  outcomes -= earlier.outcomes;
  lateness -= earlier.lateness;
  wait -= earlier.wait;
  subtract(connections_opened, earlier.connections_opened);
  subtract(bytes_out, earlier.bytes_out);
  subtract(bytes_in, earlier.bytes_in);
  comparison -= earlier.comparison;
  return *this;
}

}  // namespace understudy
