#include "replay/route/route_tree.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "replay/route/identifier.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::string_view any_segment = "{id}";
constexpr std::string_view rest_of_path = "{rest}";
constexpr std::size_t extension_max = 5;

// A segment that makes this share of its place's requests, and this many, is a name, however many others there are.
constexpr std::uint64_t kept_share = 20;  // 1/20
constexpr std::uint64_t kept_requests = 20;

bool is_extension(std::string_view text) {
  return !text.empty() && text.size() <= extension_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }) && !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// What stands in the tree for a segment: itself, "{id}", or "{id}.json", which is made in `storage`.
std::string_view normalized(std::string_view segment, std::string& storage) {
  segment = segment.substr(0, segment.find(';'));
  if (segment.size() > RouteTable::segment_length_max) return any_segment;
  const std::size_t dot = segment.rfind('.');
  if (dot != std::string_view::npos && is_extension(segment.substr(dot + 1)) &&
      segment.find('@') == std::string_view::npos && looks_like_identifier(segment.substr(0, dot))) {
    storage.assign(any_segment).append(segment.substr(dot));
    return storage;
  }
  return looks_like_identifier(segment) ? any_segment : segment;
}

void append_segment(std::string& name, std::string_view segment) {
  name += '/';
  append_printable(name, segment);
}

}  // namespace

// The segments of a path as they stand in the tree. None: the target is no path.
struct RouteTree::Segments {
  std::array<std::string_view, RouteTable::depth_max + 1> list;
  std::size_t count = 0;
  std::string storage;  // where the last one may be made; the others are of the path, or fixed

  explicit Segments(std::string_view path) {
    while (path.starts_with('/')) {
      if (count == RouteTable::depth_max) {
        list[count++] = rest_of_path;
        return;
      }
      path.remove_prefix(1);
      const std::string_view segment = path.substr(0, path.find('/'));
      path.remove_prefix(segment.size());
      const std::string_view name = normalized(segment, storage);
      // A dot ends a file's name, which is the last segment.
      list[count++] = name.data() == storage.data() && !path.empty() ? any_segment : name;
    }
  }
  Segments(const Segments&) = delete;
  Segments& operator=(const Segments&) = delete;
};

bool RouteTree::is_crowded(const Node& node) {
  const std::size_t any = node.children.contains(any_segment) ? 1 : 0;
  return node.children.size() - any > RouteTable::segment_values_max;
}

RouteTree::Node* RouteTree::child_of(const Node& node, std::string_view segment) {
  auto child = node.children.find(segment);
  if (child == node.children.end() && node.collapsed) child = node.children.find(any_segment);
  return child == node.children.end() ? nullptr : child->second.get();
}

RouteId RouteTree::route_of(std::string_view path, std::size_t live_max) {
  const Segments segments(path);
  const Node* node = &root_;
  for (std::size_t i = 0; i < segments.count && node != nullptr; ++i) node = child_of(*node, segments.list[i]);
  if (node != nullptr && node->route != RouteTable::other) return node->route;
  return add(segments, live_max);
}

RouteId RouteTree::add(const Segments& segments, std::size_t live_max) {
  const std::optional<RouteId> id = registry_->add(live_max);
  if (!id) return RouteTable::other;
  std::string name = prefix_;
  Node* parent = &root_;  // the last node that exists
  std::size_t depth = 0;
  for (; depth < segments.count; ++depth) {
    Node* const child = child_of(*parent, segments.list[depth]);
    if (child == nullptr) break;
    append_segment(name, parent->children.contains(segments.list[depth]) ? segments.list[depth] : any_segment);
    parent = child;
  }
  const std::string parent_name = name;
  Node* node = parent;
  for (; depth < segments.count; ++depth) {
    append_segment(name, segments.list[depth]);
    auto& child = node->children[std::string(segments.list[depth])];
    child = std::make_unique<Node>();
    node = child.get();
  }
  node->route = *id;
  registry_->set_name(*id, node == &root_ ? prefix_ + "*" : name);
  if (is_crowded(*parent)) {
    collapse(*parent);
    name_routes(*parent, parent_name);
  }
  return registry_->canonical(*id);
}

std::uint64_t RouteTree::requests_of(const Node& node) const {
  std::uint64_t requests = node.route == RouteTable::other ? 0 : registry_->requests(node.route);
  for (const auto& [segment, child] : node.children) requests += requests_of(*child);
  return requests;
}

// Makes one child, "{id}", of those that do not stand out.
void RouteTree::collapse(Node& node) {
  node.collapsed = true;
  const std::uint64_t all = requests_of(node);
  std::unique_ptr<Node>& any = node.children.try_emplace(std::string(any_segment)).first->second;
  if (any == nullptr) any = std::make_unique<Node>();
  for (auto child = node.children.begin(); child != node.children.end();) {
    const std::uint64_t requests = child->second == any ? 0 : requests_of(*child->second);
    if (child->second == any || (requests >= kept_requests && requests * kept_share >= all)) {
      ++child;
      continue;
    }
    merge(*any, *child->second);
    child = node.children.erase(child);
  }
}

// Moves all of `from` into `into`.
void RouteTree::merge(Node& into, Node& from) {
  if (into.route == RouteTable::other) {
    into.route = from.route;
  } else if (from.route != RouteTable::other) {
    into.route = registry_->merge(into.route, from.route);
  }
  for (auto& [segment, child] : from.children) {
    const auto same = into.children.find(segment);
    if (same == into.children.end()) {
      into.children.emplace(segment, std::move(child));
    } else {
      merge(*same->second, *child);
    }
  }
  if (into.collapsed || from.collapsed || is_crowded(into)) collapse(into);
}

void RouteTree::name_routes(const Node& node, const std::string& name) {
  if (node.route != RouteTable::other) registry_->set_name(node.route, &node == &root_ ? prefix_ + "*" : name);
  for (const auto& [segment, child] : node.children) {
    std::string child_name = name;
    append_segment(child_name, segment);
    name_routes(*child, child_name);
  }
}

std::size_t RouteTree::memory_of(const Node& node) {
  constexpr std::size_t map_entry = 96;  // of a std::map: three pointers, a colour, key and value
  std::size_t bytes = sizeof(Node);
  for (const auto& [segment, child] : node.children) bytes += map_entry + segment.capacity() + memory_of(*child);
  return bytes;
}

}  // namespace understudy
