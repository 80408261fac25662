// The places of the command clone, as a user writes them: s3://bucket/prefix, postgres://host/database, a folder.
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// A side, and what its URL held that must not be written down.
struct ClonePlace {
  CloneEndpoint side;
  std::string password;  // postgres
};

// "s3://bucket", "s3://bucket/prefix/", "postgres://user:password@host/database". ExitCode::usage; never repeats a
// password.
[[nodiscard]] Result<ClonePlace> parse_clone_place(std::string_view text);

// Where documents of clones lie when nobody says: below XDG_STATE_HOME, or ~/.local/state. Empty: there is no home.
[[nodiscard]] std::string default_documents_folder();

// "clone-20261123T031500Z-9f3a6c01": an Id that nobody else has.
[[nodiscard]] std::string new_clone_id();

}  // namespace understudy
