#include "replay/clone_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "replay/clone/postgres_route.hpp"
#include "replay/store/sigv4.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/process_environment.hpp"

namespace understudy {
namespace {

constexpr std::string_view bucket_scheme = "s3://";

[[nodiscard]] bool is_bucket_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, allowed) &&
         name.find("..") == std::string_view::npos;
}

[[nodiscard]] Result<ClonePlace> parse_bucket(std::string_view rest) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  ClonePlace place;
  place.side.kind = CloneKind::s3;
  place.side.bucket = rest.substr(0, slash);
  if (slash < rest.size()) place.side.prefix = rest.substr(slash + 1);
  if (is_bucket_name(place.side.bucket)) return place;
  return fail(ExitCode::usage, "is not the name of a bucket; write s3://bucket or s3://bucket/prefix");
}

}  // namespace

Result<ClonePlace> parse_clone_place(std::string_view text) {
  if (text.starts_with(bucket_scheme)) return parse_bucket(text.substr(bucket_scheme.size()));
  if (!text.starts_with("postgres://") && !text.starts_with("postgresql://")) {
    return fail(ExitCode::usage, "wants s3://bucket/prefix or postgres://host/database");
  }
  const auto route = read_postgres_route(text);
  if (!route) return fail(ExitCode::usage, route.error().message);
  if (route->database.empty()) return fail(ExitCode::usage, "names no database; write postgres://host/database");
  ClonePlace place;
  place.side.kind = CloneKind::postgres;
  place.side.database = route->where(route->database);
  place.password = route->password.value_or("");
  return place;
}

std::string default_documents_folder() {
  const std::string state = read_process_environment("XDG_STATE_HOME").value_or("");
  if (!state.empty()) return state + "/understudy/clones";
  const std::string home = home_folder(read_process_environment);
  return home.empty() ? std::string() : home + "/.local/state/understudy/clones";
}

std::string new_clone_id() {
  return fmt::format("clone-{}-{:08x}", amz_date(system_clock().wall_now()), std::random_device()());
}

}  // namespace understudy
