#include "replay/serve/clone_request_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <initializer_list>
#include <optional>
#include <string>

#include "replay/compare/json_document.hpp"
#include "replay/compare/shown_value.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t segment_objects_max = 1000;
constexpr std::uint64_t segment_bytes_max = std::uint64_t{1} << 50U;
constexpr std::uint64_t bucket_workers_max = 512;
constexpr std::uint64_t database_workers_max = 256;
constexpr std::size_t steps_max = 20;
constexpr std::array<std::string_view, 3> on_existing_names = {"skip", "overwrite", "fail"};
constexpr std::array<std::string_view, 3> verify_names = {"size", "etag", "checksum"};
constexpr std::array<std::string_view, 3> method_names = {"template", "basebackup", "dump"};

[[nodiscard]] bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
// Letters, digits, '.', '_' and '-'.
[[nodiscard]] bool is_name(std::string_view text, std::size_t size_min, std::size_t size_max) {
  return text.size() >= size_min && text.size() <= size_max &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}
[[nodiscard]] bool is_id(std::string_view text) { return is_name(text, 1, 128) && text != "." && text != ".."; }
[[nodiscard]] bool is_credential(std::string_view text) { return is_name(text, 1, 100); }
[[nodiscard]] bool is_bucket(std::string_view text) { return is_name(text, 3, 255); }
[[nodiscard]] bool is_database(std::string_view text) {
  return is_name(text, 1, 63) && text[0] != '.' && text[0] != '-';
}
[[nodiscard]] bool has_code_points(std::string_view text, std::size_t least, std::size_t most) {
  const auto count = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
  return count >= least && count <= most;
}
[[nodiscard]] bool is_prefix(std::string_view text) { return has_code_points(text, 0, 1024); }
[[nodiscard]] bool is_step(std::string_view text) { return has_code_points(text, 1, 100); }

// http or https, a host, perhaps a port and a slash: neither user, nor path, nor query.
[[nodiscard]] bool is_endpoint(std::string_view text) {
  if (text.size() > 300) return false;
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return false;
  text.remove_prefix(scheme);
  if (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || !std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; })) {
    return false;
  }
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

// Reads an object whose members are all known. After the first error values are empty.
class StrictObject {
 public:
  StrictObject(std::optional<Error>& error, std::string place, const boost::json::value& value,
               std::initializer_list<std::string_view> known)
      : error_(error), place_(std::move(place)) {
    if (!value.is_object()) {
      refuse("", fmt::format("must be an object, and is {}", shown_json(value)));
      return;
    }
    object_ = &value.get_object();
    for (const auto& member : *object_) {
      const std::string_view name(member.key().data(), member.key().size());
      if (std::ranges::find(known, name) == known.end()) {
        refuse(shown_text(name), fmt::format("is no member that is known here; there are {}", fmt::join(known, ", ")));
      }
    }
  }

  // Null where it is missing, which is an error where it is wanted.
  [[nodiscard]] const boost::json::value* find(std::string_view name, bool wanted) {
    if (error_ || object_ == nullptr) return nullptr;
    const boost::json::value* const value = object_->if_contains(name);
    if (value == nullptr && wanted) refuse(name, "is missing");
    return value;
  }
  template <typename Check>
  [[nodiscard]] std::string text(std::string_view name, bool wanted, Check check, std::string_view form) {
    const boost::json::value* const value = find(name, wanted);
    if (value == nullptr) return {};
    if (value->is_string() && check(std::string_view(value->get_string()))) return std::string(value->get_string());
    refuse(name, fmt::format("is {}, and must be {}", shown_json(*value), form));
    return {};
  }
  [[nodiscard]] std::optional<std::uint64_t> count(std::string_view name, std::uint64_t max) {
    const boost::json::value* const value = find(name, false);
    if (value == nullptr) return std::nullopt;
    boost::json::error_code failed;
    const auto number = value->is_number() ? value->to_number<std::uint64_t>(failed) : 0;
    if (!failed && number >= 1 && number <= max) return number;
    refuse(name, fmt::format("is {}, and must be a whole number from 1 to {}", shown_json(*value), max));
    return std::nullopt;
  }
  template <typename Enum, std::size_t size>
  void choice(std::string_view name, const std::array<std::string_view, size>& names, std::optional<Enum>& out) {
    const boost::json::value* const value = find(name, false);
    if (value == nullptr) return;
    const auto* const found =
        value->is_string() ? std::ranges::find(names, std::string_view(value->get_string())) : names.end();
    if (found == names.end()) {
      refuse(name, fmt::format("is {}, and must be one of {}", shown_json(*value), fmt::join(names, ", ")));
      return;
    }
    out = static_cast<Enum>(found - names.begin());
  }
  void refuse(std::string_view name, std::string_view what) {
    if (error_) return;
    const std::string_view slash = place_.empty() || name.empty() ? "" : "/";
    const std::string where = fmt::format("{}{}{}", place_, slash, name);
    error_ = Error{ExitCode::usage, fmt::format("{} {}", where.empty() ? "the body" : where, what)};
  }

 private:
  std::optional<Error>& error_;
  std::string place_;
  const boost::json::object* object_ = nullptr;
};

[[nodiscard]] CloneEndpoint read_side(std::optional<Error>& error, std::string_view name,
                                      const boost::json::value& value) {
  CloneEndpoint side;
  const bool is_object = value.is_object();
  const boost::json::value* const kind = is_object ? value.get_object().if_contains("Kind") : nullptr;
  const std::string_view kind_text =
      kind != nullptr && kind->is_string() ? std::string_view(kind->get_string()) : std::string_view();
  constexpr std::string_view credential_form = "the name of a credential: letters, digits, '.', '_' and '-'";
  if (kind_text == "postgres") {
    side.kind = CloneKind::postgres;
    StrictObject object(error, std::string(name), value, {"Kind", "Database", "CredentialRef"});
    side.database =
        object.text("Database", true, is_database, "a database's name: letters, digits, '_', '.' and '-', 63 at most");
    side.credential_ref = object.text("CredentialRef", true, is_credential, credential_form);
    return side;
  }
  StrictObject object(error, std::string(name), value, {"Kind", "Endpoint", "Bucket", "Prefix", "CredentialRef"});
  (void)object.text(
      "Kind", true, [](std::string_view text) { return text == "s3"; }, "s3 or postgres");
  side.endpoint = object.text("Endpoint", false, is_endpoint,
                              "http:// or https:// with a host, and no user, path or query; secrets are named by "
                              "CredentialRef");
  side.bucket = object.text("Bucket", true, is_bucket, "a bucket's name");
  side.prefix = object.text("Prefix", false, is_prefix, "1024 characters at most");
  side.credential_ref = object.text("CredentialRef", false, is_credential, credential_form);
  return side;
}

[[nodiscard]] CloneOptions read_options(std::optional<Error>& error, const boost::json::value& value, CloneKind kind) {
  CloneOptions options;
  if (kind == CloneKind::s3) {
    StrictObject object(error, "Options", value,
                        {"Workers", "SegmentMaxObjects", "SegmentMaxBytes", "OnExisting", "Verify"});
    options.workers = object.count("Workers", bucket_workers_max);
    options.segment_max_objects = object.count("SegmentMaxObjects", segment_objects_max);
    options.segment_max_bytes = object.count("SegmentMaxBytes", segment_bytes_max);
    object.choice("OnExisting", on_existing_names, options.on_existing);
    object.choice("Verify", verify_names, options.verify);
    return options;
  }
  StrictObject object(error, "Options", value, {"Workers", "OnExisting", "Method", "After"});
  options.workers = object.count("Workers", database_workers_max);
  object.choice("OnExisting", on_existing_names, options.on_existing);
  object.choice("Method", method_names, options.method);
  const boost::json::value* const after = object.find("After", false);
  if (after == nullptr) return options;
  const auto fits = [](const boost::json::value& step) {
    return step.is_string() && is_step(std::string_view(step.get_string()));
  };
  if (!after->is_array() || after->get_array().size() > steps_max || !std::ranges::all_of(after->get_array(), fits)) {
    object.refuse("After", fmt::format("must be an array of {} names of steps at most", steps_max));
    return options;
  }
  for (const boost::json::value& step : after->get_array()) options.after.emplace_back(step.get_string());
  return options;
}

[[nodiscard]] Result<const boost::json::value*> parse(JsonArena& arena, std::string_view body) {
  if (body.empty()) return fail(ExitCode::usage, "the body is missing");
  const boost::json::value* const value = arena.parse(body);
  if (value == nullptr) return fail(ExitCode::usage, "the body is no JSON");
  return value;
}

}  // namespace

Result<CloneRequest> read_clone_body(std::string_view body) {
  JsonArena arena;
  const auto value = parse(arena, body);
  if (!value) return tl::unexpected(value.error());
  std::optional<Error> error;
  StrictObject object(error, "", **value, {"Id", "Source", "Destination", "Options"});
  CloneRequest request;
  request.id = object.text("Id", true, is_id, "1 to 128 letters, digits, '.', '_' and '-'");
  if (const auto* const side = object.find("Source", true)) request.source = read_side(error, "Source", *side);
  if (const auto* const side = object.find("Destination", true)) {
    request.destination = read_side(error, "Destination", *side);
  }
  if (!error && request.source.kind != request.destination.kind) {
    object.refuse("", "has a Source and a Destination of two kinds");
  }
  if (const auto* const options = object.find("Options", false)) {
    request.options = read_options(error, *options, request.source.kind);
  }
  if (error) return tl::unexpected(*error);
  return request;
}

Result<bool> read_maintenance(std::string_view body) {
  JsonArena arena;
  const auto value = parse(arena, body);
  if (!value) return tl::unexpected(value.error());
  std::optional<Error> error;
  StrictObject object(error, "", **value, {"MaintenanceMode"});
  const boost::json::value* const mode = object.find("MaintenanceMode", true);
  if (mode != nullptr && !mode->is_bool()) object.refuse("MaintenanceMode", "must be true or false");
  if (error) return tl::unexpected(*error);
  return mode->get_bool();
}

}  // namespace understudy
