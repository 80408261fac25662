#include "replay/serve/serve_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "replay/clone/shell_step.hpp"
#include "traffic/base/process_environment.hpp"

namespace understudy {
namespace {

constexpr std::string_view default_credential = "default";

[[nodiscard]] std::string_view name_of(const CloneEndpoint& side) {
  return side.credential_ref.empty() ? default_credential : std::string_view(side.credential_ref);
}

[[nodiscard]] std::string without_slash(std::string text) {
  if (text.ends_with('/')) text.pop_back();
  return text;
}

[[nodiscard]] Result<AwsCredentials> aws_credentials(const ServeCredential& credential) {
  if (!credential.access_key_id.is_given()) {
    AwsCredentialOptions options;
    options.profile = credential.profile;
    options.instance_metadata = credential.instance_metadata;
    return find_aws_credentials(options, read_process_environment);
  }
  AwsCredentials keys;
  const auto read = [](const SecretPlace& place, std::string& out) -> Result<void> {
    auto secret = read_place(place);
    if (!secret) return tl::unexpected(secret.error());
    out = std::move(*secret);
    return {};
  };
  Result<void> done = read(credential.access_key_id, keys.access_key_id);
  if (done) done = read(credential.secret_access_key, keys.secret_access_key);
  if (done && credential.session_token.is_given()) done = read(credential.session_token, keys.session_token);
  if (!done) return tl::unexpected(done.error());
  return keys;
}

}  // namespace

Result<PostgresRoute> postgres_route(const ServeCredential& credential) {
  std::string password;
  if (credential.password.is_given()) {
    auto secret = read_place(credential.password);
    if (!secret) return tl::unexpected(secret.error());
    password = std::move(*secret);
  }
  return read_postgres_route(credential.server, {}, password);
}

Result<const ServeCredential*> ServeAccess::credential(const CloneEndpoint& side) const {
  const auto found = settings_.credentials.find(name_of(side));
  if (found == settings_.credentials.end() || found->second.kind != side.kind) {
    return fail(ExitCode::configuration,
                fmt::format("there is no credential \"{}\" for {} here; the environment's configuration names them",
                            name_of(side), side.kind == CloneKind::s3 ? "buckets" : "databases"));
  }
  return &found->second;
}

Result<void> ServeAccess::resolve_side(std::string_view name, CloneEndpoint& side, bool is_destination,
                                       CloneMethod method) const {
  const auto found = credential(side);
  if (!found) return tl::unexpected(found.error());
  const ServeCredential& known = **found;
  const auto refuse = [&](std::string_view what) {
    return fail(ExitCode::configuration, fmt::format("{}: the credential \"{}\" {}", name, name_of(side), what));
  };
  if (is_destination && !known.destination) return refuse("is not for destinations (destination = true allows it)");
  const std::string& place = side.kind == CloneKind::s3 ? side.bucket : side.database;
  if (!known.allowed.empty() && std::ranges::count(known.allowed, place) == 0) {
    return refuse(fmt::format("is not for \"{}\"", place));
  }
  if (side.kind == CloneKind::postgres) {
    const bool wants_folder = is_destination && method == CloneMethod::basebackup;
    if (wants_folder && known.folder.empty()) return refuse("has no folder for a basebackup");
    if (!wants_folder && known.server.empty()) return refuse("has no server");
    return {};
  }
  if (side.endpoint.empty()) side.endpoint = known.endpoint;
  if (!known.endpoint.empty() && without_slash(side.endpoint) != without_slash(known.endpoint)) {
    return refuse("is for another Endpoint");
  }
  return {};
}

Result<CloneRequest> ServeAccess::resolve(CloneRequest request) const {
  const CloneMethod method = request.options.method.value_or(CloneMethod::template_database);
  if (auto done = resolve_side("Source", request.source, false, method); !done) return tl::unexpected(done.error());
  if (auto done = resolve_side("Destination", request.destination, true, method); !done) {
    return tl::unexpected(done.error());
  }
  for (const std::string& step : request.options.after) {
    if (!settings_.steps.contains(step)) {
      return fail(ExitCode::configuration, fmt::format("After: there is no step \"{}\" here", step));
    }
  }
  CloneRequest complete = request;
  // Two names may stand for one server.
  if (complete.source.kind == CloneKind::postgres && method != CloneMethod::basebackup) {
    const auto source = credential(complete.source);
    const auto destination = credential(complete.destination);
    const auto a = read_postgres_route((*source)->server);
    const auto b = read_postgres_route((*destination)->server);
    if (a && b && is_same_server(*a, *b) && complete.source.database == complete.destination.database) {
      return fail(ExitCode::configuration, "the Source is the Destination");
    }
  }
  if (const auto body = to_json(complete); !body) return fail(ExitCode::configuration, body.error().message);
  return complete;
}

Result<CloneAccess> ServeAccess::open(const CloneEndpoint& side) const {
  const auto found = credential(side);
  if (!found) return tl::unexpected(found.error());
  const ServeCredential& known = **found;
  CloneAccess access;
  if (side.kind == CloneKind::postgres) {
    access.server = known.server;
    access.folder = known.folder;
    if (!known.password.is_given()) return access;
    auto password = read_place(known.password);
    if (!password) return tl::unexpected(password.error());
    access.password = std::move(*password);
    return access;
  }
  auto keys = aws_credentials(known);
  if (!keys) return tl::unexpected(keys.error());
  access.aws = std::move(*keys);
  access.region = known.region;
  access.virtual_host = known.virtual_host;
  access.tls.ca_file = known.ca_file;
  return access;
}

Result<std::string> ServeAccess::run_step(const CloneRequest& request, const std::string& name,
                                          std::stop_token stop) const {
  const auto step = settings_.steps.find(name);
  if (step == settings_.steps.end()) return fail(ExitCode::configuration, fmt::format("there is no step \"{}\"", name));
  const auto found = credential(request.destination);
  if (!found) return tl::unexpected(found.error());
  const std::filesystem::path folder = std::filesystem::path(settings_.state_folder) / "outputs";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string file = (folder / fmt::format("{}.{}.txt", request.id, name)).string();
  if (request.options.method == CloneMethod::basebackup) {
    const auto copy = std::filesystem::path((*found)->folder) / request.destination.database;
    return run_shell_step(step->second, step_environment(request.id, copy.string()), file, std::move(stop));
  }
  const auto route = postgres_route(**found);
  if (!route) return tl::unexpected(route.error());
  return run_shell_step(step->second, step_environment(request.id, *route, request.destination.database), file,
                        std::move(stop));
}

}  // namespace understudy
