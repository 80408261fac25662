// The environment's side of the contract (docs/environment.openapi.yaml): health, smoke tests, statistics, maintenance
// and clones over HTTP/1.1, on loopback by default, with TLS where a certificate is given.
//
// Bounds: `threads` connections at once, half of them may wait for a clone (?wait=), others get the state at once; 64
// more connections wait; one request a connection, 64 KiB of body, 10 s to read a request. Everything below /admin and
// /clone wants the token, where there is one.
//
// Clones are kept in the state folder: a server that is started on it again goes on with those that are not final.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "replay/clone/clone_job.hpp"
#include "replay/serve/serve_settings.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class EnvironmentServer {
 public:
  // Answers from the moment it returns. `bucket_clone` makes the clones of buckets. ExitCode::usage for an address that
  // cannot be read, address_in_use, permission, tls; ExitCode::configuration for a state folder that another server
  // uses, or that cannot be written to.
  [[nodiscard]] static Result<std::unique_ptr<EnvironmentServer>> start(ServeSettings settings,
                                                                        CloneRunner bucket_clone);

  // Stops answering, and ends what is being copied: the next server goes on with it.
  ~EnvironmentServer();
  EnvironmentServer(const EnvironmentServer&) = delete;
  EnvironmentServer& operator=(const EnvironmentServer&) = delete;

  // "http://127.0.0.1:9700".
  [[nodiscard]] const std::string& url() const;

 private:
  struct State;
  explicit EnvironmentServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace understudy
