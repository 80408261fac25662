// Names the route of each request: "GET /orders/{id}/items" for GET /orders/8213/items?page=2.
//
//   RouteTable table = RouteTable::compile(patterns).value();
//   const RouteId route = table.route_of("GET", "/orders/8213/items?page=2");
//   table.name(route);                                   // "GET /orders/{id}/items"
//
// The user's patterns are tried first, in their order (route_pattern.hpp). What none of them matches is named by its
// path, without query and path parameters (";jsessionid=..."):
//   - a segment that looks like an identifier (identifier.hpp) becomes {id}; "8213.json" becomes "{id}.json";
//   - where more than segment_values_max different segments were seen in one place, they become {id} together. Those
//     that stand out stay as they are: the ones with 1/20 of the requests there, and 20 of them at least;
//   - segments beyond depth_max become one "{rest}", and a target that is no path ("*", an authority) is named "*".
// So names get better as requests come: two routes may turn out to be one. Ids stay valid then: name() and canonical()
// of either give the one that they became.
//
// Deterministic: the same requests in the same order give the same ids and names. Bounds: routes_max routes at a time;
// what comes on top is the route `other`, named "other". Memory is bounded whatever the paths hold, to about 10 MiB.
// Cost: a path that was seen before is one hash and one comparison.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

using RouteId = std::uint32_t;

class RouteTable {
 public:
  static constexpr RouteId other = 0;
  static constexpr std::size_t routes_max = 1000;
  static constexpr std::size_t ids_max = 65'536;  // given out in all, those of merged routes included
  static constexpr std::size_t segment_values_max = 50;
  static constexpr std::size_t depth_max = 16;
  static constexpr std::size_t segment_length_max = 64;  // a longer segment is {id}
  static constexpr std::size_t methods_max = 32;         // requests with any further method are `other`

  // Patterns as of route_pattern.hpp. ExitCode::usage with the pattern and the position.
  [[nodiscard]] static Result<RouteTable> compile(std::span<const std::string> patterns);
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;

  // Counts the request as one of the route's.
  [[nodiscard]] RouteId route_of(std::string_view method, std::string_view target);
  // The route that this one became part of, or itself. REQUIRES for all: the id came from route_of, or is `other`.
  [[nodiscard]] RouteId canonical(RouteId id) const;
  // Printable, of canonical(id). Valid until the next route_of.
  [[nodiscard]] std::string_view name(RouteId id) const;
  // Requests of canonical(id), those of the routes that became part of it included.
  [[nodiscard]] std::uint64_t requests(RouteId id) const;

  // The routes that exist now, in the order of their ids; `other` only if it has requests.
  [[nodiscard]] std::vector<RouteId> routes() const;
  // Bytes held, about.
  [[nodiscard]] std::size_t memory() const;

 private:
  class Impl;
  explicit RouteTable(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
