#include "replay/environment/payload_reader.hpp"

#include <fmt/format.h>

#include "replay/compare/shown_value.hpp"

namespace understudy {

PayloadReader::PayloadReader(std::string_view what, std::string_view body)
    : what_(what), arena_(std::make_unique<JsonArena>()) {
  const boost::json::value* const value = arena_->parse(body);
  if (value == nullptr) {
    refuse(fmt::format("is no JSON, but \"{}\"; is this the right address?", shown_text(body)));
  } else if (!value->is_object()) {
    refuse(fmt::format("is {} instead of a JSON object; is this the right address?", shown_json(*value)));
  } else {
    object_ = &value->get_object();
  }
}

PayloadReader::PayloadReader(std::string_view what, std::string place, const boost::json::value& value)
    : what_(what), place_(std::move(place) + "/") {
  if (value.is_object()) {
    object_ = &value.get_object();
  } else {
    place_.pop_back();
    refuse(fmt::format("has {} in {} where an object belongs", shown_json(value), place_));
  }
}

void PayloadReader::refuse(std::string message) {
  if (!error_) error_ = Error{ExitCode::environment_unfit, fmt::format("{} {}", what_, message)};
}

void PayloadReader::take_error(const PayloadReader& below) {
  if (!error_) error_ = below.error_;
}

void PayloadReader::wrong_type(std::string_view name, std::string_view expected, const boost::json::value& value) {
  refuse(fmt::format("has {} in {}{} where {} belongs", shown_json(value), place_, shown_text(name), expected));
}

const boost::json::value* PayloadReader::find(std::string_view name, bool wanted) {
  if (error_) return nullptr;
  const boost::json::value* const value = object_->if_contains(name);
  if (value == nullptr && wanted) refuse(fmt::format("lacks {}{}", place_, name));
  return value;
}

std::string PayloadReader::read_text(std::string_view name, bool wanted) {
  const boost::json::value* const value = find(name, wanted);
  if (value == nullptr || (!wanted && value->is_null())) return {};
  if (!value->is_string()) {
    wrong_type(name, "a text", *value);
    return {};
  }
  return std::string(value->get_string());
}

bool PayloadReader::flag(std::string_view name) {
  const boost::json::value* const value = find(name, true);
  if (value == nullptr) return false;
  if (!value->is_bool()) wrong_type(name, "true or false", *value);
  return value->is_bool() && value->get_bool();
}

bool PayloadReader::optional_flag(std::string_view name) { return optional_value(name) != nullptr && flag(name); }

std::uint64_t PayloadReader::optional_count(std::string_view name) {
  const boost::json::value* const value = optional_value(name);
  if (value == nullptr) return 0;
  boost::json::error_code error;
  const auto count = value->to_number<std::uint64_t>(error);
  if (error) wrong_type(name, "a whole number from 0 on", *value);
  return error ? 0 : count;
}

const boost::json::array* PayloadReader::array(std::string_view name, bool wanted) {
  const boost::json::value* const value = find(name, wanted);
  if (value == nullptr || (!wanted && value->is_null())) return nullptr;
  if (!value->is_array()) wrong_type(name, "an array", *value);
  return value->if_array();
}

const boost::json::value* PayloadReader::optional_value(std::string_view name) {
  const boost::json::value* const value = find(name, false);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const boost::json::value* PayloadReader::value(std::string_view name) { return find(name, true); }

}  // namespace understudy
