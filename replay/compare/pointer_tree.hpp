// Rules for places in a JSON value, looked up on the way down: pointers with "*", and member names at any depth.
//
// A walk carries a PointerMatch: which nodes of the tree agree with the path to here. Where none does, and there are no
// rules by name, going down costs nothing.
//
// Thread safety: a const PointerTree may be used from any thread; a PointerWalk is one walk's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy {

// How far two numbers may be apart and still be the same: |a - b| <= max(absolute, relative * max(|a|, |b|)).
struct Tolerance {
  double absolute = 0;
  double relative = 0;
};

// What the rules say of one place.
struct PlaceRule {
  bool ignored = false;
  bool unordered = false;
  std::optional<Tolerance> tolerance;

  void merge(const PlaceRule& other);
};

class PointerTree {
 public:
  // False when it is no pointer: "" (the root), or "/" segments, each "~" followed by 0 or 1.
  [[nodiscard]] bool add_pointer(std::string_view pointer, const PlaceRule& rule);
  void add_name(std::string_view name, const PlaceRule& rule);
  // For every place that has none of its own: tolerance and unordered.
  void set_default(const PlaceRule& rule) { default_.merge(rule); }

 private:
  friend class PointerWalk;
  struct Node {
    std::vector<std::pair<std::string, std::uint32_t>> children;
    std::uint32_t any_child = 0;  // of "*"; 0: none, since the root is nobody's child
    PlaceRule rule;
  };

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::vector<std::pair<std::string, PlaceRule>> names_;
  PlaceRule default_;
};

// One walk through a JSON value. enter and leave come in pairs, as the walk goes down and up.
class PointerWalk {
 public:
  explicit PointerWalk(const PointerTree& tree) : tree_(tree) { reset(); }
  // Back to the root.
  void reset();
  // To a member of that name.
  void enter_member(std::string_view name);
  // To an element.
  void enter_element(std::size_t index);
  void leave();
  // Of the place where the walk is.
  [[nodiscard]] const PlaceRule& rule() const { return frames_.back().rule; }

 private:
  struct Frame {
    std::size_t begin = 0;  // in nodes_
    PlaceRule rule;
  };
  void enter(std::string_view segment, bool is_member);
  void push(std::size_t begin, PlaceRule rule);

  const PointerTree& tree_;
  std::vector<std::uint32_t> nodes_;  // of all frames, one after another
  std::vector<Frame> frames_;
};

}  // namespace understudy
