#include "replay/clone/postgres_documents.hpp"

#include <fmt/format.h>

#include "replay/clone/clone_job.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

void write_names(JsonWriter& json, std::string_view source, std::string_view destination) {
  json.key("source").begin_object().member("name", source).end_object();
  json.key("destination").begin_object().member("name", destination).end_object();
}

[[nodiscard]] std::string_view method_name(CloneMethod method) {
  switch (method) {
    case CloneMethod::template_database: return "template";
    case CloneMethod::basebackup: return "basebackup";
    case CloneMethod::dump: return "dump";
  }
  return "";
}

[[nodiscard]] std::string segment_response(const CloneRequest& request, const PostgresCloneResult& result) {
  JsonWriter json;
  json.begin_object().member("id", std::string_view(request.id));
  write_names(json, result.source_name, result.destination_name);
  json.key("files").begin_array();
  if (!result.skipped) json.value(std::string_view(result.destination_name));
  json.end_array().member("method", method_name(result.method)).member("bytes", result.bytes);
  json.member("seconds", seconds(result.duration)).member("server_version", result.server_version);
  json.key("steps").begin_array();
  for (const PostgresStepResult& step : result.steps) {
    json.begin_object().member("name", std::string_view(step.name)).member("seconds", seconds(step.duration));
    json.member("output", std::string_view(step.output)).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace

double seconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

std::string step_output_key(std::string_view id, std::size_t step) {
  return fmt::format("{}/steps/{:02}.output.txt", id, step);
}

Result<void> take_postgres_request(const CloneRequest& request, DocumentStore& documents) {
  const auto body = to_json(request);
  if (!body) return tl::unexpected(body.error());
  JsonWriter json;
  json.begin_object().member("id", std::string_view(request.id));
  write_names(json, request.source.database, request.destination.database);
  json.key("request").raw(*body).end_object();
  const std::string text = json.take();
  const auto found = documents.read(clone_request_key(request.id));
  if (!found) return tl::unexpected(found.error());
  if (!*found) return documents.write(clone_request_key(request.id), text);
  if (**found == text) return {};
  return fail(ExitCode::refused, fmt::format("{} has another clone under the Id \"{}\"; give this one another Id",
                                             documents.display(), request.id));
}

Result<std::optional<CloneManifest>> read_postgres_manifest(const CloneRequest& request, DocumentStore& documents) {
  const auto text = documents.read(clone_response_key(request.id));
  if (!text) return tl::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto manifest = read_clone_manifest(**text);
  if (!manifest) return tl::unexpected(manifest.error());
  return std::move(*manifest);
}

Result<CloneManifest> write_postgres_documents(const CloneRequest& request, const PostgresCloneResult& result,
                                               DocumentStore& documents) {
  JsonWriter segment;
  segment.begin_object().member("id", std::string_view(request.id));
  write_names(segment, result.source_name, result.destination_name);
  segment.end_object();
  CloneManifest manifest{
      request.id, result.source_name, result.destination_name, 1, {segment_response_key(request.id, 1)}};
  Result<void> written = documents.write(segment_request_key(request.id, 1), segment.take());
  if (written) written = documents.write(segment_response_key(request.id, 1), segment_response(request, result));
  if (written) written = documents.write(clone_response_key(request.id), to_json(manifest));
  if (!written) return tl::unexpected(written.error());
  return manifest;
}

}  // namespace understudy
