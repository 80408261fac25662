// Turns a request for a clone into one that this environment can carry out, or says why it cannot.
//
// Thread safety: any thread; the settings outlive it.
#pragma once

#include <string>

#include "replay/clone/clone_job.hpp"
#include "replay/clone/postgres_route.hpp"
#include "replay/serve/serve_settings.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class ServeAccess {
 public:
  explicit ServeAccess(const ServeSettings& settings) : settings_(settings) {}

  // The request with what its credentials add, such as an endpoint. Credentials, places and steps that the settings do
  // not know or allow, and a source that is the destination, are ExitCode::configuration with the reason.
  [[nodiscard]] Result<CloneRequest> resolve(CloneRequest request) const;

  // What a side's CredentialRef stands for, secrets read now.
  [[nodiscard]] Result<CloneAccess> open(const CloneEndpoint& side) const;

  // Runs a step of the settings on a clone's copy, with its output kept in the state folder.
  [[nodiscard]] Result<std::string> run_step(const CloneRequest& request, const std::string& name,
                                             std::stop_token stop) const;

 private:
  [[nodiscard]] Result<const ServeCredential*> credential(const CloneEndpoint& side) const;
  [[nodiscard]] Result<void> resolve_side(std::string_view name, CloneEndpoint& side, bool is_destination,
                                          CloneMethod method) const;

  const ServeSettings& settings_;
};

// Of a database: its server as a connection, with the password read now.
[[nodiscard]] Result<PostgresRoute> postgres_route(const ServeCredential& credential);

}  // namespace understudy
