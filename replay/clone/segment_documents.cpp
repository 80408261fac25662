#include "replay/clone/segment_documents.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "replay/environment/payload_reader.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr std::string_view segment_what = "a segment's document";

void write_names(JsonWriter& json, const CloneNames& names, const std::string* prefix) {
  json.member("id", std::string_view(names.id));
  json.key("source").begin_object().member("name", std::string_view(names.source));
  if (prefix != nullptr) json.member("prefix", std::string_view(*prefix));
  json.end_object();
  json.key("destination").begin_object().member("name", std::string_view(names.destination)).end_object();
}

[[nodiscard]] tl::unexpected<Error> unreadable(const PayloadReader& reader) {
  return fail(ExitCode::clone_failed, reader.error()->message);
}

[[nodiscard]] std::string read_prefix(PayloadReader& reader) {
  const boost::json::value* const source = reader.value("source");
  if (source == nullptr) return {};
  PayloadReader below(segment_what, "source", *source);
  std::string prefix = below.optional_text("prefix");
  reader.take_error(below);
  return prefix;
}

}  // namespace

Result<std::string> clone_request_document(const CloneRequest& request) {
  CloneRequest shared = request;
  shared.options.workers.reset();
  const auto body = to_json(shared);
  if (!body) return body;
  JsonWriter json;
  json.begin_object();
  write_names(json, {request.id, request.source.bucket, request.destination.bucket}, nullptr);
  json.key("request").raw(*body).end_object();
  return json.take();
}

Result<CloneRequest> read_clone_request_document(std::string_view text) {
  PayloadReader reader("the clone-request", text);
  const boost::json::value* const body = reader.value("request");
  if (body == nullptr) return unreadable(reader);
  return read_clone_request(boost::json::serialize(*body));
}

std::string to_json(const SegmentRequest& request, const CloneNames& names) {
  JsonWriter json;
  json.begin_object();
  write_names(json, names, &request.range.prefix);
  json.member("segment", request.number).member("start_after", std::string_view(request.range.start_after));
  json.member("end_at", std::string_view(request.range.end_at)).member("objects", request.objects);
  json.member("bytes", request.bytes).member("listing_range", request.listing_range);
  json.member("ends_listing_range", request.ends_listing_range).end_object();
  return json.take();
}

std::string to_json(const SegmentResponse& response, const CloneNames& names) {
  JsonWriter json;
  json.begin_object();
  write_names(json, names, &response.prefix);
  json.key("files").begin_array();
  for (const std::string& file : response.files) json.value(std::string_view(file));
  json.end_array().member("segment", response.number).member("bytes", response.bytes);
  json.member("skipped", response.skipped).member("skipped_different", response.skipped_different);
  json.member("gone", response.gone).key("verified").begin_object();
  json.member("content", response.verified_by_content).member("etag", response.verified_by_etag);
  json.member("size", response.verified_by_size).end_object();
  json.member("worker", std::string_view(response.worker)).end_object();
  return json.take();
}

std::string to_json(const ListingDocument& listing, const CloneNames& names) {
  JsonWriter json;
  json.begin_object();
  write_names(json, names, nullptr);
  json.member("complete", listing.complete).key("ranges").begin_array();
  for (const KeyRange& range : listing.ranges) {
    json.begin_object().member("prefix", std::string_view(range.prefix));
    json.member("start_after", std::string_view(range.start_after));
    json.member("end_at", std::string_view(range.end_at)).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

Result<SegmentRequest> read_segment_request(std::string_view text) {
  PayloadReader reader(segment_what, text);
  SegmentRequest request;
  request.number = reader.optional_count("segment");
  request.range = {read_prefix(reader), reader.optional_text("start_after"), reader.optional_text("end_at")};
  request.objects = reader.optional_count("objects");
  request.bytes = reader.optional_count("bytes");
  request.listing_range = reader.optional_count("listing_range");
  request.ends_listing_range = reader.optional_flag("ends_listing_range");
  if (reader.error()) return unreadable(reader);
  return request;
}

Result<SegmentResponse> read_segment_response(std::string_view text) {
  PayloadReader reader(segment_what, text);
  SegmentResponse response;
  response.number = reader.optional_count("segment");
  response.prefix = read_prefix(reader);
  response.bytes = reader.optional_count("bytes");
  response.skipped = reader.optional_count("skipped");
  response.skipped_different = reader.optional_count("skipped_different");
  response.gone = reader.optional_count("gone");
  response.worker = reader.optional_text("worker");
  if (const boost::json::value* const verified = reader.optional_value("verified")) {
    PayloadReader below(segment_what, "verified", *verified);
    response.verified_by_content = below.optional_count("content");
    response.verified_by_etag = below.optional_count("etag");
    response.verified_by_size = below.optional_count("size");
    reader.take_error(below);
  }
  if (const boost::json::array* const files = reader.array("files", true)) {
    for (const boost::json::value& file : *files) {
      if (!file.is_string()) return fail(ExitCode::clone_failed, "a segment-response has a file that is no text");
      response.files.emplace_back(file.get_string());
    }
  }
  if (reader.error()) return unreadable(reader);
  return response;
}

Result<ListingDocument> read_listing(std::string_view text) {
  PayloadReader reader("the listing's document", text);
  ListingDocument listing;
  listing.complete = reader.optional_flag("complete");
  if (const boost::json::array* const ranges = reader.array("ranges", true)) {
    for (const boost::json::value& range : *ranges) {
      PayloadReader below("the listing's document", "ranges", range);
      listing.ranges.push_back(
          {below.optional_text("prefix"), below.optional_text("start_after"), below.optional_text("end_at")});
      reader.take_error(below);
    }
  }
  if (reader.error()) return unreadable(reader);
  return listing;
}

std::string listing_key(std::string_view id) { return fmt::format("{}/listing.json", id); }

std::string segment_claim_key(std::string_view id, std::uint64_t segment) {
  return fmt::format("{}/segments/{:08}.claim.json", id, segment);
}

std::string segments_prefix(std::string_view id) { return fmt::format("{}/segments/", id); }

SegmentKey parse_segment_key(std::string_view key) {
  const std::string_view name = key.substr(key.rfind('/') + 1);
  SegmentKey parsed;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), parsed.number);
  const std::string_view kind = name.substr(static_cast<std::size_t>(end - name.data()));
  if (error != std::errc() || parsed.number == 0) return {};
  if (kind == ".claim.json") parsed.document = SegmentDocument::claim;
  if (kind == ".request.json") parsed.document = SegmentDocument::request;
  if (kind == ".response.json") parsed.document = SegmentDocument::response;
  return parsed;
}

}  // namespace understudy
