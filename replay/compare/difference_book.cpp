#include "replay/compare/difference_book.hpp"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

#include "replay/compare/compare_summary.hpp"
#include "replay/compare/noise.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/rules/query.hpp"

namespace understudy {
namespace {

constexpr std::size_t target_shown_max = 200;
constexpr std::size_t method_shown_max = 32;

struct GroupKey {
  RouteId route = RouteTable::other;
  DifferenceKind kind = DifferenceKind::status;
  std::string_view shape;  // of the group itself

  friend bool operator==(const GroupKey&, const GroupKey&) = default;
};

struct GroupKeyHash {
  std::size_t operator()(const GroupKey& key) const {
    return std::hash<std::string_view>()(key.shape) +
           31 * (key.route * difference_kinds + static_cast<std::size_t>(key.kind));
  }
};

// The target without the values of its query, which may be secrets.
std::string shown_target(std::string_view target) {
  const TargetParts parts = split_target(target);
  std::string plain(parts.path.substr(0, target_shown_max));
  char separator = '?';
  ParameterReader parameters(parts.query);
  while (plain.size() < target_shown_max) {
    const auto parameter = parameters.next();
    if (!parameter) break;
    plain += std::exchange(separator, '&');
    plain.append(parameter->name.substr(0, target_shown_max)).append("=*");
  }
  std::string shown;
  append_printable(shown, std::string_view(plain).substr(0, target_shown_max));
  return shown;
}

std::size_t memory_of(const DifferenceExample& example) {
  return sizeof example + example.method.capacity() + example.target.capacity() + example.expected.capacity() +
         example.actual.capacity();
}

}  // namespace

std::string_view to_string(NotCompared reason) {
  constexpr std::array<std::string_view, not_compared_reasons> names{"no_expected", "incomplete_expected", "dropped"};
  return names[static_cast<std::size_t>(reason)];
}

bool DifferenceGroup::is_noise() const {
  if (baseline + both == 0) return false;
  if (candidate <= baseline) return true;
  const auto excess = static_cast<double>(candidate - baseline);
  return excess <= DifferenceBook::noise_z * std::sqrt(static_cast<double>(candidate + baseline));
}

class DifferenceBook::Impl {
 public:
  bool add(const ComparedRequest& request, const Differences& candidate, const Differences* second_baseline) {
    std::bitset<difference_kinds> kinds;
    for (const Difference& difference : candidate.list) {
      if (counts(request, difference, second_baseline)) kinds.set(static_cast<std::size_t>(difference.kind));
    }
    if (second_baseline != nullptr) {
      for (const Difference& difference : second_baseline->list) {
        note_baseline(request, difference, candidate);
      }
    }
    note_totals(request.route, kinds, candidate);
    return kinds.none();
  }

  [[nodiscard]] CompareSummary summary(const RouteTable& routes) const {
    SummaryBuilder builder(routes);
    for (const DifferenceGroup& group : groups_) builder.add(group);
    for (std::size_t route = 0; route < routes_.size(); ++route) {
      builder.add_route({static_cast<RouteId>(route), routes_[route].compared, routes_[route].different, 0});
    }
    return std::move(builder).finish(totals);
  }

  [[nodiscard]] std::optional<double> status_mismatch_rate(const RouteTable& routes,
                                                           std::optional<RouteId> route) const {
    const auto is_meant = [&](RouteId id) { return !route || routes.canonical(id) == routes.canonical(*route); };
    std::uint64_t compared = 0;
    for (std::size_t id = 0; id < routes_.size(); ++id) {
      if (routes_[id].compared != 0 && is_meant(static_cast<RouteId>(id))) compared += routes_[id].compared;
    }
    if (compared == 0) return std::nullopt;
    std::uint64_t mismatches = 0;
    for (const DifferenceGroup& group : groups_) {
      if (is_of_outcome(group.kind) && is_meant(group.route) && !group.is_noise()) mismatches += group.candidate;
    }
    return static_cast<double>(mismatches) / static_cast<double>(compared);
  }

  [[nodiscard]] std::size_t memory() const {
    constexpr std::size_t index_entry = sizeof(GroupKey) + 5 * sizeof(void*);  // a node, and its share of the buckets
    return sizeof *this + memory_ + groups_.size() * (sizeof(DifferenceGroup) + index_entry) +
           routes_.capacity() * sizeof(OfRoute);
  }

  CompareTotals totals;

 private:
  struct OfRoute {
    std::uint64_t compared = 0;
    std::uint64_t different = 0;
  };

  // Notes a difference of the candidate. True when it is none that noise explains, by what is known until now.
  bool counts(const ComparedRequest& request, const Difference& difference, const Differences* second_baseline) {
    const Sighting sighting = second_baseline == nullptr ? Sighting::alone : sighting_of(difference, *second_baseline);
    if (sighting == Sighting::unknown) return false;
    DifferenceGroup* const group = group_of(request.route, difference);
    if (group == nullptr) return sighting == Sighting::alone;
    if (sighting == Sighting::both) {
      ++group->both;
      return false;
    }
    ++group->candidate;
    add_example(*group, request, difference);
    return !group->is_noise();
  }

  void note_baseline(const ComparedRequest& request, const Difference& difference, const Differences& candidate) {
    if (sighting_of(difference, candidate) != Sighting::alone) return;
    if (DifferenceGroup* const group = group_of(request.route, difference)) ++group->baseline;
  }

  // Null, and counted, when there are too many.
  DifferenceGroup* group_of(RouteId route, const Difference& difference) {
    const auto known = index_.find({route, difference.kind, difference.shape});
    if (known != index_.end()) return known->second;
    if (groups_.size() == groups_max) {
      totals.beyond[static_cast<std::size_t>(difference.kind)].add();
      return nullptr;
    }
    DifferenceGroup& group = groups_.emplace_back();
    group.route = route;
    group.kind = difference.kind;
    group.shape = difference.shape;
    memory_ += group.shape.capacity();
    index_.emplace(GroupKey{route, group.kind, group.shape}, &group);
    return &group;
  }

  void add_example(DifferenceGroup& group, const ComparedRequest& request, const Difference& difference) {
    const bool is_first = group.first.size() < examples_max;
    if (!is_first) {
      if (difference.size <= 0) return;
      if (group.worst.size() == examples_max && difference.size <= group.worst.back().size) return;
    }
    DifferenceExample example{request.number,
                              std::string(request.method.substr(0, method_shown_max)),
                              shown_target(request.target),
                              difference.expected,
                              difference.actual,
                              difference.size};
    memory_ += memory_of(example);
    if (is_first) {
      group.first.push_back(std::move(example));
      return;
    }
    const auto place = std::ranges::upper_bound(group.worst, example.size, std::greater<>(), &DifferenceExample::size);
    group.worst.insert(place, std::move(example));
    if (group.worst.size() <= examples_max) return;
    memory_ -= memory_of(group.worst.back());
    group.worst.pop_back();
  }

  void note_totals(RouteId route, std::bitset<difference_kinds> kinds, const Differences& candidate) {
    totals.compared.add();
    if (route >= routes_.size()) routes_.resize(std::max<std::size_t>(route + 1, 2 * routes_.size()));
    ++routes_[route].compared;
    if (candidate.cut) totals.cut.add();
    if (kinds.none()) {
      totals.equal.add();
      if (!candidate.empty()) totals.noise_only.add();
      return;
    }
    totals.different.add();
    ++routes_[route].different;
    bool of_outcome = false;
    bool of_headers = false;
    bool of_body = false;
    for (std::size_t i = 0; i < difference_kinds; ++i) {
      if (!kinds[i]) continue;
      totals.by_kind[i].add();
      const auto kind = static_cast<DifferenceKind>(i);
      (is_of_outcome(kind) ? of_outcome : is_of_body(kind) ? of_body : of_headers) = true;
    }
    if (of_outcome) totals.status.add();
    if (of_headers) totals.headers.add();
    if (of_body) totals.bodies.add();
  }

  std::deque<DifferenceGroup> groups_;  // they stay where they are: the index has views of their shapes
  std::unordered_map<GroupKey, DifferenceGroup*, GroupKeyHash> index_;
  std::vector<OfRoute> routes_;  // by id
  std::size_t memory_ = 0;       // of shapes and examples
};

DifferenceBook::DifferenceBook() : impl_(std::make_unique<Impl>()) {}
DifferenceBook::~DifferenceBook() = default;
DifferenceBook::DifferenceBook(DifferenceBook&&) noexcept = default;

bool DifferenceBook::add(const ComparedRequest& request, const Differences& candidate,
                         const Differences* second_baseline) {
  return impl_->add(request, candidate, second_baseline);
}
void DifferenceBook::note_not_compared(NotCompared reason) {
  impl_->totals.not_compared[static_cast<std::size_t>(reason)].add();
}
void DifferenceBook::note_body_not_kept() { impl_->totals.bodies_not_kept.add(); }
const CompareTotals& DifferenceBook::totals() const { return impl_->totals; }
std::optional<double> DifferenceBook::status_mismatch_rate(const RouteTable& routes,
                                                           std::optional<RouteId> route) const {
  return impl_->status_mismatch_rate(routes, route);
}
CompareSummary DifferenceBook::summary(const RouteTable& routes) const { return impl_->summary(routes); }
std::size_t DifferenceBook::memory() const { return impl_->memory(); }

}  // namespace understudy
