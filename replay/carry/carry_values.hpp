// Recorded values and what takes their place: of one session, and of all.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace understudy {

// What a value belongs to: a rule by its index, and of the rule for every cookie the cookie's name.
struct CarryKey {
  std::size_t rule = 0;
  std::string_view name;
};

struct CarriedValue {
  std::size_t rule = 0;
  std::string name;
  std::string recorded;  // empty: not known, for the recording has none or hides it
  std::string replayed;
  bool learnt = false;  // false: the replayed response does not have it

  [[nodiscard]] bool is_of(const CarryKey& key) const { return rule == key.rule && name == key.name; }
  [[nodiscard]] std::size_t memory() const {
    return sizeof *this + name.capacity() + recorded.capacity() + replayed.capacity();
  }
};

// A few values, the latest last. Beyond `count_max` the oldest goes.
class CarriedValues {
 public:
  // Takes the place of one with the same key and recorded value. Returns how many were forgotten.
  std::size_t note(CarriedValue value, std::size_t count_max);
  // Null: none. Valid until the next note, as for all here.
  [[nodiscard]] const CarriedValue* find(const CarryKey& key, std::string_view recorded) const;
  [[nodiscard]] const CarriedValue* latest(const CarryKey& key) const;
  // Of one rule, oldest first.
  [[nodiscard]] std::vector<const CarriedValue*> of_rule(std::size_t rule) const;

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] std::size_t memory() const { return memory_; }

 private:
  std::vector<CarriedValue> values_;
  std::size_t memory_ = 0;
};

// Many values, found by hash. Beyond its limits the one that was noted or found longest ago goes.
class CarriedIndex {
 public:
  // Returns how many were forgotten.
  std::size_t note(CarriedValue value, std::size_t count_max, std::size_t memory_max);
  [[nodiscard]] const CarriedValue* find(const CarryKey& key, std::string_view recorded);

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] std::size_t memory() const { return memory_; }

 private:
  struct Key {
    std::size_t rule = 0;
    std::string_view name;  // of the value itself
    std::string_view recorded;

    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  using Values = std::list<CarriedValue>;  // the latest last

  void forget(Values::iterator value);

  Values values_;
  std::unordered_map<Key, Values::iterator, KeyHash> index_;
  std::size_t memory_ = 0;
};

}  // namespace understudy
