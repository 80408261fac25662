#include "replay/carry/carried_for_all.hpp"

#include <utility>

namespace understudy {

std::size_t CarriedForAll::note(CarriedValue value) {
  const std::lock_guard lock(mutex_);
  static_cast<void>(latest_.note(value, latest_max));
  return values_.note(std::move(value), values_max_, memory_max_);
}

std::optional<CarriedValue> CarriedForAll::find(const CarryKey& key, std::string_view recorded) {
  const std::lock_guard lock(mutex_);
  const CarriedValue* const value = values_.find(key, recorded);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<CarriedValue> CarriedForAll::latest(const CarryKey& key) const {
  const std::lock_guard lock(mutex_);
  const CarriedValue* const value = latest_.latest(key);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::vector<CarriedValue> CarriedForAll::of_rule(std::size_t rule) const {
  const std::lock_guard lock(mutex_);
  std::vector<CarriedValue> values;
  for (const CarriedValue* value : latest_.of_rule(rule)) values.push_back(*value);
  return values;
}

std::size_t CarriedForAll::memory() const {
  const std::lock_guard lock(mutex_);
  return sizeof *this + values_.memory() + latest_.memory();
}

}  // namespace understudy
