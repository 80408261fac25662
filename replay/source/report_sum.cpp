#include "replay/source/report_sum.hpp"

#include <algorithm>
#include <string_view>

#include "traffic/recording/report_counter.hpp"

namespace understudy {
namespace {

constexpr std::size_t origins_length_max = 400;

// Appends a name to a list of names, unless it is there.
void join(std::string& list, std::string_view name, std::size_t length_max) {
  if (name.empty() || list.size() + name.size() > length_max) return;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    if (rest.substr(0, end) == name) return;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  if (!list.empty()) list += ", ";
  list += name;
}

Completeness of_both(Completeness a, Completeness b) {
  if (a == Completeness::incomplete || b == Completeness::incomplete) return Completeness::incomplete;
  return a == b ? a : Completeness::unknown;
}

}  // namespace

void add_report(RecordingReport& sum, const RecordingReport& part) {
  const bool is_first = sum.format.empty() && sum.files == 0;
  sum.completeness = is_first ? part.completeness : of_both(sum.completeness, part.completeness);
  join(sum.format, part.format, origins_length_max);
  sum.files += part.files;
  sum.bytes += part.bytes;
  sum.exchanges += part.exchanges;
  sum.responses += part.responses;
  if (part.first && (!sum.first || *part.first < *sum.first)) sum.first = part.first;
  if (part.last && (!sum.last || *part.last > *sum.last)) sum.last = part.last;
  if (part.ledger) {
    if (!sum.ledger) sum.ledger.emplace();
    *sum.ledger += *part.ledger;
  }
  join(sum.origin, part.origin, origins_length_max);
  for (const std::string& server : part.servers) {
    const bool is_known = std::find(sum.servers.begin(), sum.servers.end(), server) != sum.servers.end();
    if (!is_known && sum.servers.size() < ReportCounter::servers_max) sum.servers.push_back(server);
  }
  const std::uint64_t untold = part.damages - part.damage.size();
  for (const RecordingDamage& damage : part.damage) sum.note_damage(damage);
  sum.damages += untold;
  for (const LeftOut& left_out : part.left_out) sum.note_left_out(left_out.reason, left_out.count);
  sum.sessions_known = sum.sessions_known && part.sessions_known;
}

}  // namespace understudy
