#include "replay/compare/pointer_tree.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace understudy {
namespace {

constexpr std::string_view any = "*";

// The segments of a pointer, decoded (RFC 6901 section 4). Nothing: it is none.
std::optional<std::vector<std::string>> split_pointer(std::string_view pointer) {
  std::vector<std::string> segments;
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      segments.emplace_back();
    } else if (pointer[i] == '~') {
      if (++i == pointer.size() || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
      segments.back() += pointer[i] == '0' ? '~' : '/';
    } else {
      segments.back() += pointer[i];
    }
  }
  return segments;
}

}  // namespace

void PlaceRule::merge(const PlaceRule& other) {
  ignored = ignored || other.ignored;
  unordered = unordered || other.unordered;
  if (!other.tolerance) return;
  if (!tolerance) tolerance.emplace();
  tolerance->absolute = std::max(tolerance->absolute, other.tolerance->absolute);
  tolerance->relative = std::max(tolerance->relative, other.tolerance->relative);
}

bool PointerTree::add_pointer(std::string_view pointer, const PlaceRule& rule) {
  const auto segments = split_pointer(pointer);
  if (!segments) return false;
  std::uint32_t node = 0;
  for (const std::string& segment : *segments) {
    std::uint32_t next = 0;
    if (segment == any) {
      next = nodes_[node].any_child;
    } else {
      const auto& children = nodes_[node].children;
      const auto child = std::ranges::find(children, segment, &std::pair<std::string, std::uint32_t>::first);
      if (child != children.end()) next = child->second;
    }
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
      if (segment == any) {
        nodes_[node].any_child = next;
      } else {
        nodes_[node].children.emplace_back(segment, next);
      }
    }
    node = next;
  }
  nodes_[node].rule.merge(rule);
  return true;
}

void PointerTree::add_name(std::string_view name, const PlaceRule& rule) {
  const auto known = std::ranges::find(names_, name, &std::pair<std::string, PlaceRule>::first);
  if (known == names_.end()) {
    names_.emplace_back(name, rule);
  } else {
    known->second.merge(rule);
  }
}

void PointerWalk::reset() {
  nodes_.assign(1, 0);
  frames_.clear();
  push(0, tree_.nodes_[0].rule);
}

// What a place has no rule for, it has from the default.
void PointerWalk::push(std::size_t begin, PlaceRule rule) {
  if (!rule.tolerance) rule.tolerance = tree_.default_.tolerance;
  rule.unordered = rule.unordered || tree_.default_.unordered;
  frames_.push_back({begin, rule});
}

void PointerWalk::enter_member(std::string_view name) { enter(name, true); }

void PointerWalk::enter_element(std::size_t index) {
  if (frames_.back().begin == nodes_.size()) return enter({}, false);  // no pointer leads here
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), index).ptr;
  enter({digits.data(), static_cast<std::size_t>(end - digits.data())}, false);
}

void PointerWalk::enter(std::string_view segment, bool is_member) {
  const std::size_t begin = frames_.back().begin;
  const std::size_t end = nodes_.size();
  PlaceRule rule;
  for (std::size_t i = begin; i < end; ++i) {
    const PointerTree::Node& node = tree_.nodes_[nodes_[i]];
    const auto follow = [&](std::uint32_t child) {
      rule.merge(tree_.nodes_[child].rule);
      nodes_.push_back(child);
    };
    if (node.any_child != 0) follow(node.any_child);
    for (const auto& [name, child] : node.children) {
      if (name == segment) follow(child);
    }
  }
  if (is_member) {
    for (const auto& [name, of_name] : tree_.names_) {
      if (name == segment) rule.merge(of_name);
    }
  }
  push(end, rule);
}

void PointerWalk::leave() {
  nodes_.resize(frames_.back().begin);
  frames_.pop_back();
}

}  // namespace understudy
