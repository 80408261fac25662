#include "replay/environment/clone_payloads.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "replay/compare/shown_value.hpp"
#include "replay/environment/payload_reader.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t id_length_max = 128;
constexpr std::size_t errors_max = 1000;
constexpr std::array<std::string_view, 2> kind_names = {"s3", "postgres"};
constexpr std::array<std::string_view, 3> on_existing_names = {"skip", "overwrite", "fail"};
constexpr std::array<std::string_view, 3> verify_names = {"size", "etag", "checksum"};
constexpr std::array<std::string_view, 3> method_names = {"template", "basebackup", "dump"};
constexpr std::array<std::string_view, 7> status_names = {"Accepted",  "Listing", "Copying",  "Verifying",
                                                          "Succeeded", "Failed",  "Cancelled"};

[[nodiscard]] bool is_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= id_length_max && id != "." && id != ".." && std::ranges::all_of(id, allowed);
}

[[nodiscard]] Result<void> check_side(std::string_view name, const CloneEndpoint& side) {
  const auto refuse = [&](std::string_view what) {
    return fail(ExitCode::usage, fmt::format("the clone's {} {}", name, what));
  };
  if (side.kind == CloneKind::postgres && side.database.empty()) return refuse("names no Database");
  if (side.kind == CloneKind::s3 && side.bucket.empty()) return refuse("names no Bucket");
  if (side.endpoint.find('@') != std::string::npos) {
    return refuse("has a user or a password in its Endpoint; name it by CredentialRef instead");
  }
  return {};
}

[[nodiscard]] Result<void> check(const CloneRequest& request) {
  if (!is_id(request.id)) {
    return fail(ExitCode::usage,
                fmt::format("\"{}\" cannot be a clone's Id: it takes 1 to {} letters, digits, '.', '_' and '-'",
                            shown_text(request.id), id_length_max));
  }
  if (auto checked = check_side("Source", request.source); !checked) return checked;
  if (auto checked = check_side("Destination", request.destination); !checked) return checked;
  if (request.source.kind != request.destination.kind) {
    return fail(ExitCode::usage, "a clone's Source and Destination must be of one Kind");
  }
  CloneEndpoint source = request.source;
  // A bucket is one place, whatever opens it; what server a database is on is known by its credential alone.
  if (source.kind == CloneKind::s3) source.credential_ref = request.destination.credential_ref;
  if (source == request.destination) return fail(ExitCode::usage, "a clone's Source is its Destination");
  return {};
}

void write_side(JsonWriter& json, std::string_view name, const CloneEndpoint& side) {
  json.key(name).begin_object();
  const auto write = [&](std::string_view member, const std::string& text) {
    if (!text.empty()) json.member(member, std::string_view(text));
  };
  if (side.kind == CloneKind::s3) {
    json.member("Kind", "s3");
    write("Endpoint", side.endpoint);
    write("Bucket", side.bucket);
    write("Prefix", side.prefix);
  } else {
    json.member("Kind", "postgres");
    write("Database", side.database);
  }
  write("CredentialRef", side.credential_ref);
  json.end_object();
}

void write_options(JsonWriter& json, const CloneOptions& options) {
  json.key("Options").begin_object();
  if (options.workers) json.member("Workers", *options.workers);
  if (options.segment_max_objects) json.member("SegmentMaxObjects", *options.segment_max_objects);
  if (options.segment_max_bytes) json.member("SegmentMaxBytes", *options.segment_max_bytes);
  const auto write = [&](std::string_view member, const auto& choice, const auto& names) {
    if (choice) json.member(member, names.at(static_cast<std::size_t>(*choice)));
  };
  write("OnExisting", options.on_existing, on_existing_names);
  write("Verify", options.verify, verify_names);
  write("Method", options.method, method_names);
  if (!options.after.empty()) {
    json.key("After").begin_array();
    for (const std::string& step : options.after) json.value(std::string_view(step));
    json.end_array();
  }
  json.end_object();
}

constexpr std::string_view request_what = "the clone's request";

template <typename Choice, std::size_t count>
void read_choice(PayloadReader& reader, std::string_view name, const std::array<std::string_view, count>& names,
                 std::optional<Choice>& out) {
  const std::string text = reader.optional_text(name);
  if (text.empty()) return;
  const auto found = std::ranges::find(names, std::string_view(text));
  if (found == names.end()) {
    reader.refuse(
        fmt::format("has the {} \"{}\"; it takes one of: {}", name, shown_text(text), fmt::join(names, ", ")));
    return;
  }
  out = static_cast<Choice>(found - names.begin());
}

[[nodiscard]] CloneEndpoint read_side(PayloadReader& reader, std::string_view name) {
  CloneEndpoint side;
  const boost::json::value* const value = reader.value(name);
  if (value == nullptr) return side;
  PayloadReader below(request_what, std::string(name), *value);
  std::optional<CloneKind> kind;
  read_choice(below, "Kind", kind_names, kind);
  if (!kind && !below.error()) below.refuse("has no Kind: \"s3\" or \"postgres\"");
  side.kind = kind.value_or(CloneKind::s3);
  if (side.kind == CloneKind::s3) {
    side.endpoint = below.optional_text("Endpoint");
    side.bucket = below.optional_text("Bucket");
    side.prefix = below.optional_text("Prefix");
  } else {
    side.database = below.optional_text("Database");
  }
  side.credential_ref = below.optional_text("CredentialRef");
  reader.take_error(below);
  return side;
}

[[nodiscard]] CloneOptions read_options(PayloadReader& reader) {
  CloneOptions options;
  const boost::json::value* const value = reader.optional_value("Options");
  if (value == nullptr) return options;
  PayloadReader below(request_what, "Options", *value);
  const auto read_count = [&](std::string_view name, std::optional<std::uint64_t>& out) {
    if (below.optional_value(name) != nullptr) out = below.optional_count(name);
  };
  read_count("Workers", options.workers);
  read_count("SegmentMaxObjects", options.segment_max_objects);
  read_count("SegmentMaxBytes", options.segment_max_bytes);
  read_choice(below, "OnExisting", on_existing_names, options.on_existing);
  read_choice(below, "Verify", verify_names, options.verify);
  read_choice(below, "Method", method_names, options.method);
  if (const boost::json::array* const steps = below.array("After", false)) {
    for (const boost::json::value& step : *steps) {
      if (!step.is_string()) {
        below.refuse(fmt::format("has {} in After where a step's name belongs", shown_json(step)));
        break;
      }
      options.after.emplace_back(step.get_string());
    }
  }
  reader.take_error(below);
  return options;
}

constexpr std::string_view state_what = "the clone's state";

void read_status(PayloadReader& reader, CloneState& state) {
  const std::string status = reader.text("Status");
  const auto* const found = std::ranges::find(status_names, std::string_view(status));
  if (found == status_names.end()) {
    reader.refuse(fmt::format("has the Status \"{}\", which the contract does not know", shown_text(status)));
    return;
  }
  state.status = static_cast<CloneStatus>(found - status_names.begin());
}

void read_counts(PayloadReader& reader, CloneState& state) {
  const auto read = [&](std::string_view name, auto&& take) {
    const boost::json::value* const value = reader.optional_value(name);
    if (value == nullptr) return;
    PayloadReader below(state_what, std::string(name), *value);
    take(below);
    reader.take_error(below);
  };
  read("Segments", [&](PayloadReader& below) {
    state.segments = {below.optional_count("Total"), below.optional_count("Pending"), below.optional_count("Running"),
                      below.optional_count("Succeeded"), below.optional_count("Failed")};
  });
  read("Objects", [&](PayloadReader& below) {
    state.objects = {below.optional_count("Listed"), below.optional_count("Copied"), below.optional_count("Skipped"),
                     below.optional_count("Failed")};
  });
  read("Bytes", [&](PayloadReader& below) {
    state.bytes = {below.optional_count("Listed"), below.optional_count("Copied")};
  });
}

[[nodiscard]] std::string name_of(PayloadReader& reader, std::string_view what, std::string_view side) {
  const boost::json::value* const value = reader.value(side);
  if (value == nullptr) return {};
  PayloadReader below(what, std::string(side), *value);
  std::string name = below.text("name");
  reader.take_error(below);
  return name;
}

}  // namespace

Result<std::string> to_json(const CloneRequest& request) {
  if (auto checked = check(request); !checked) return tl::unexpected(checked.error());
  JsonWriter json;
  json.begin_object().member("Id", std::string_view(request.id));
  write_side(json, "Source", request.source);
  write_side(json, "Destination", request.destination);
  write_options(json, request.options);
  json.end_object();
  return json.take();
}

Result<CloneRequest> read_clone_request(std::string_view body) {
  PayloadReader reader(request_what, body);
  CloneRequest request;
  request.id = reader.text("Id");
  request.source = read_side(reader, "Source");
  request.destination = read_side(reader, "Destination");
  request.options = read_options(reader);
  if (reader.error()) return fail(ExitCode::usage, reader.error()->message);
  if (auto checked = check(request); !checked) return tl::unexpected(checked.error());
  return request;
}

std::string to_json(const CloneState& state) {
  JsonWriter json;
  json.begin_object().member("Id", std::string_view(state.id)).member("Status", to_string(state.status));
  json.member("ListingComplete", state.listing_complete);
  json.key("Segments").begin_object().member("Total", state.segments.total).member("Pending", state.segments.pending);
  json.member("Running", state.segments.running).member("Succeeded", state.segments.succeeded);
  json.member("Failed", state.segments.failed).end_object();
  json.key("Objects").begin_object().member("Listed", state.objects.listed).member("Copied", state.objects.copied);
  json.member("Skipped", state.objects.skipped).member("Failed", state.objects.failed).end_object();
  json.key("Bytes").begin_object().member("Listed", state.bytes.listed).member("Copied", state.bytes.copied);
  json.end_object();
  const auto write_time = [&](std::string_view name, const std::string& time) {
    if (!time.empty()) json.member(name, std::string_view(time));
  };
  write_time("StartedAt", state.started_at);
  write_time("UpdatedAt", state.updated_at);
  write_time("FinishedAt", state.finished_at);
  json.key("Errors").begin_array();
  for (const std::string& error : state.errors) json.value(std::string_view(error));
  json.end_array().end_object();
  return json.take();
}

std::string_view to_string(CloneStatus status) { return status_names.at(static_cast<std::size_t>(status)); }

bool is_final(CloneStatus status) {
  return status == CloneStatus::succeeded || status == CloneStatus::failed || status == CloneStatus::cancelled;
}

std::string CloneState::text() const {
  std::string text =
      fmt::format("{}, {} of {}{} objects, {}", to_string(status), count_text(objects.copied),
                  listing_complete ? "" : "at least ", count_text(objects.listed), bytes_text(bytes.copied));
  if (objects.failed > 0) text += fmt::format(", {} failed", count_text(objects.failed));
  return text;
}

Result<CloneState> read_clone_state(std::string_view body) {
  PayloadReader reader(state_what, body);
  CloneState state;
  state.id = reader.text("Id");
  read_status(reader, state);
  state.listing_complete = reader.optional_flag("ListingComplete");
  read_counts(reader, state);
  state.started_at = reader.optional_text("StartedAt");
  state.updated_at = reader.optional_text("UpdatedAt");
  state.finished_at = reader.optional_text("FinishedAt");
  if (const boost::json::array* const errors = reader.array("Errors", false)) {
    for (std::size_t i = 0; i < std::min(errors->size(), errors_max); ++i) {
      const boost::json::value& error = (*errors)[i];
      state.errors.push_back(error.is_string() ? shown_text(std::string_view(error.get_string())) : shown_json(error));
    }
  }
  if (reader.error()) return tl::unexpected(*reader.error());
  return state;
}

Result<CloneManifest> read_clone_manifest(std::string_view body) {
  constexpr std::string_view what = "the clone's manifest";
  PayloadReader reader(what, body);
  CloneManifest manifest;
  manifest.id = reader.text("id");
  manifest.source_name = name_of(reader, what, "source");
  manifest.destination_name = name_of(reader, what, "destination");
  if (const boost::json::value* const segments = reader.value("segments")) {
    PayloadReader below(what, "segments", *segments);
    manifest.segment_count = below.optional_count("count");
    if (const boost::json::array* const values = below.array("values", true)) {
      for (const boost::json::value& value : *values) {
        if (!value.is_string()) {
          below.refuse(fmt::format("has {} in segments/values where a text belongs", shown_json(value)));
          break;
        }
        manifest.segment_keys.emplace_back(value.get_string());
      }
    }
    reader.take_error(below);
  }
  if (!reader.error() && manifest.segment_keys.size() != manifest.segment_count) {
    reader.refuse(fmt::format("counts {} segments and lists {}; the clone is not whole", manifest.segment_count,
                              manifest.segment_keys.size()));
  }
  if (reader.error()) return tl::unexpected(*reader.error());
  return manifest;
}

}  // namespace understudy
