#include "replay/clone/clone_job.hpp"

#include <fmt/format.h>

#include "traffic/base/json_text.hpp"

namespace understudy {

std::string clone_request_key(std::string_view id) { return fmt::format("{}/clone-request.json", id); }

std::string clone_response_key(std::string_view id) { return fmt::format("{}/clone-response.json", id); }

std::string segment_request_key(std::string_view id, std::uint64_t segment) {
  return fmt::format("{}/segments/{:08}.request.json", id, segment);
}

std::string segment_response_key(std::string_view id, std::uint64_t segment) {
  return fmt::format("{}/segments/{:08}.response.json", id, segment);
}

std::string to_json(const CloneManifest& manifest) {
  JsonWriter json;
  json.begin_object().member("id", std::string_view(manifest.id));
  json.key("source").begin_object().member("name", std::string_view(manifest.source_name)).end_object();
  json.key("destination").begin_object().member("name", std::string_view(manifest.destination_name)).end_object();
  json.key("segments").begin_object().member("count", manifest.segment_count).key("values").begin_array();
  for (const std::string& key : manifest.segment_keys) json.value(std::string_view(key));
  json.end_array().end_object().end_object();
  return json.take();
}

}  // namespace understudy
