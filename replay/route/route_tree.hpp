// The paths of one method as a tree of segments, which finds out where segments are values.
//
// Invariants:
//   1. a node has a route exactly if a path ended there;
//   2. a node has segment_values_max children at most, beside "{id}"; one that is collapsed gets no further ones;
//   3. nodes exist only on the way to a route, so their number is bounded by that of the routes.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "replay/route/route_registry.hpp"

namespace understudy {

class RouteTree {
 public:
  // `prefix` is what names begin with: "GET ". The registry outlives the tree.
  RouteTree(std::string prefix, RouteRegistry& registry) : prefix_(std::move(prefix)), registry_(&registry) {}

  // The route of a path, without its query. `other` when it would be a new one and `live_max` routes exist.
  [[nodiscard]] RouteId route_of(std::string_view path, std::size_t live_max);
  [[nodiscard]] std::size_t memory() const { return memory_of(root_); }

 private:
  struct Node;
  struct Segments;
  using Children = std::map<std::string, std::unique_ptr<Node>, std::less<>>;
  struct Node {
    Children children;
    RouteId route = RouteTable::other;  // other: no path ended here
    bool collapsed = false;
  };

  // The child that a segment leads to, or null.
  [[nodiscard]] static Node* child_of(const Node& node, std::string_view segment);
  [[nodiscard]] static bool is_crowded(const Node& node);
  [[nodiscard]] static std::size_t memory_of(const Node& node);
  [[nodiscard]] std::uint64_t requests_of(const Node& node) const;
  [[nodiscard]] RouteId add(const Segments& segments, std::size_t live_max);
  void collapse(Node& node);
  void merge(Node& into, Node& from);
  void name_routes(const Node& node, const std::string& name);

  std::string prefix_;
  RouteRegistry* registry_;
  Node root_;
};

}  // namespace understudy
