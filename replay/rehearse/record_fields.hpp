// The same members, written and read: one function describes a value's JSON for both directions.
//
// RecordWriter and RecordReader have the same verbs, so that a template describe(record_or_reader, value) cannot let
// the two drift apart. A reader remembers the first error; after it nothing is read.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {

class RecordWriter {
 public:
  static constexpr bool reads = false;

  void field(std::string_view name, const std::string& value) { json_.member(name, std::string_view(value)); }
  void field(std::string_view name, const bool& value) { json_.member(name, value); }
  void field(std::string_view name, const double& value) { json_.member(name, value); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void field(std::string_view name, const T& value) { json_.member(name, value); }
  template <typename T>
  void field(std::string_view name, const std::optional<T>& value) {
    if (value) field(name, *value);
  }
  template <typename T>
  void field(std::string_view name, const std::vector<T>& list) {
    json_.key(name).begin_array();
    for (const T& item : list) element(item);
    json_.end_array();
  }
  template <typename T>
  void field(std::string_view name, const std::map<std::string, T>& map) {
    json_.key(name).begin_object();
    for (const auto& [key, value] : map) field(key, value);
    json_.end_object();
  }
  template <typename T>
  requires(std::is_class_v<T>) void field(std::string_view name, const T& value) {
    json_.key(name);
    element(value);
  }
  [[nodiscard]] JsonWriter& json() { return json_; }
  [[nodiscard]] std::string take() { return json_.take(); }

 private:
  void element(const std::string& value) { json_.value(std::string_view(value)); }
  void element(const double& value) { json_.value(value); }
  template <std::integral T>
  void element(const T& value) {
    json_.value(value);
  }
  template <typename T>
  requires(std::is_class_v<T> && !std::same_as<T, std::string>) void element(const T& value) {
    json_.begin_object();
    describe(*this, value);
    json_.end_object();
  }

  JsonWriter json_;
};

class RecordReader {
 public:
  static constexpr bool reads = true;

  explicit RecordReader(const boost::json::value& value) : object_(value.if_object()) {
    if (object_ == nullptr) refuse("an object");
  }

  void field(std::string_view name, std::string& out) {
    if (const auto* value = find(name)) take(*value, out, name);
  }
  void field(std::string_view name, bool& out) {
    const auto* value = find(name);
    if (value == nullptr) return;
    if (const auto* flag = value->if_bool()) {
      out = *flag;
    } else {
      refuse(name);
    }
  }
  void field(std::string_view name, double& out) {
    if (const auto* value = find(name)) take(*value, out, name);
  }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void field(std::string_view name, T& out) {
    if (const auto* value = find(name)) take(*value, out, name);
  }
  template <typename T>
  void field(std::string_view name, std::optional<T>& out) {
    if (object_ == nullptr || object_->if_contains(name) == nullptr) return;
    out.emplace();
    field(name, *out);
  }
  template <typename T>
  void field(std::string_view name, std::vector<T>& out) {
    const auto* value = find(name);
    if (value == nullptr) return;
    const auto* array = value->if_array();
    if (array == nullptr) return refuse(name);
    for (const auto& item : *array) {
      out.emplace_back();
      take(item, out.back(), name);
    }
  }
  template <typename T>
  void field(std::string_view name, std::map<std::string, T>& out) {
    const auto* value = find(name);
    if (value == nullptr) return;
    const auto* object = value->if_object();
    if (object == nullptr) return refuse(name);
    for (const auto& member : *object) take(member.value(), out[std::string(member.key())], name);
  }
  template <typename T>
  requires(std::is_class_v<T>) void field(std::string_view name, T& out) {
    if (const auto* value = find(name)) take(*value, out, name);
  }
  void refuse(std::string_view name) {
    if (problem_.empty()) problem_ = name;
  }
  // The name of the first member that is missing or is something else; "" when there is none.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view name) {
    if (object_ == nullptr || !problem_.empty()) return nullptr;
    const auto* value = object_->if_contains(name);
    if (value == nullptr) refuse(name);
    return value;
  }
  void take(const boost::json::value& value, std::string& out, std::string_view name) {
    if (const auto* text = value.if_string()) {
      out.assign(text->begin(), text->end());
    } else {
      refuse(name);
    }
  }
  void take(const boost::json::value& value, double& out, std::string_view name) {
    if (!value.is_number()) return refuse(name);
    out = value.to_number<double>();
  }
  template <std::integral T>
  void take(const boost::json::value& value, T& out, std::string_view name) {
    boost::json::error_code error;
    const T number = value.is_number() ? value.to_number<T>(error) : T{};
    if (!value.is_number() || error) return refuse(name);
    out = number;
  }
  template <typename T>
  requires(std::is_class_v<T> && !std::same_as<T, std::string>) void take(const boost::json::value& value, T& out,
                                                                          std::string_view name) {
    RecordReader reader(value);
    describe(reader, out);
    if (!reader.problem().empty()) refuse(std::string(name) + "/" + reader.problem());
  }

  const boost::json::object* object_;
  std::string problem_;
};

}  // namespace understudy
