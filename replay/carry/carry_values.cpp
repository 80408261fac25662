#include "replay/carry/carry_values.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace understudy {
namespace {

constexpr std::size_t entry_overhead = 96;  // of a list's node, and of an index's with its share of the buckets

}  // namespace

std::size_t CarriedValues::note(CarriedValue value, std::size_t count_max) {
  std::size_t forgotten = 0;
  auto gone = std::ranges::find_if(values_, [&](const CarriedValue& known) {
    return known.is_of({value.rule, value.name}) && known.recorded == value.recorded;
  });
  if (gone == values_.end() && values_.size() >= count_max) {
    gone = values_.begin();
    forgotten = 1;
  }
  if (gone != values_.end()) {
    memory_ -= gone->memory();
    values_.erase(gone);
  }
  values_.push_back(std::move(value));
  memory_ += values_.back().memory();
  return forgotten;
}

const CarriedValue* CarriedValues::find(const CarryKey& key, std::string_view recorded) const {
  const auto found = std::ranges::find_if(
      values_, [&](const CarriedValue& value) { return value.recorded == recorded && value.is_of(key); });
  return found == values_.end() ? nullptr : &*found;
}

const CarriedValue* CarriedValues::latest(const CarryKey& key) const {
  const auto found =
      std::find_if(values_.rbegin(), values_.rend(), [&](const CarriedValue& value) { return value.is_of(key); });
  return found == values_.rend() ? nullptr : &*found;
}

std::vector<const CarriedValue*> CarriedValues::of_rule(std::size_t rule) const {
  std::vector<const CarriedValue*> found;
  for (const CarriedValue& value : values_) {
    if (value.rule == rule) found.push_back(&value);
  }
  return found;
}

std::size_t CarriedIndex::KeyHash::operator()(const Key& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.recorded) + 31 * (hash(key.name) + 31 * key.rule);
}

std::size_t CarriedIndex::note(CarriedValue value, std::size_t count_max, std::size_t memory_max) {
  const auto known = index_.find({value.rule, value.name, value.recorded});
  if (known != index_.end()) forget(known->second);
  const auto added = values_.insert(values_.end(), std::move(value));
  memory_ += added->memory() + entry_overhead;
  index_.emplace(Key{added->rule, added->name, added->recorded}, added);
  std::size_t forgotten = 0;
  while (values_.size() > 1 && (values_.size() > count_max || memory_ > memory_max)) {
    forget(values_.begin());
    ++forgotten;
  }
  return forgotten;
}

const CarriedValue* CarriedIndex::find(const CarryKey& key, std::string_view recorded) {
  const auto found = index_.find({key.rule, key.name, recorded});
  if (found == index_.end()) return nullptr;
  values_.splice(values_.end(), values_, found->second);
  return &*found->second;
}

void CarriedIndex::forget(Values::iterator value) {
  memory_ -= value->memory() + entry_overhead;
  index_.erase(Key{value->rule, value->name, value->recorded});
  values_.erase(value);
}

}  // namespace understudy
