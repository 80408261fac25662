// The ways in which a PostgreSQL clone is made, each into a place under another name than the destination's.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "replay/clone/postgres_server.hpp"
#include "replay/clone/postgres_tools.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// One clone, with all that the ways want. References outlive it.
struct PostgresCopy {
  std::string id;
  PostgresRoute source, destination;
  std::string source_database;
  std::string destination_database;  // or the path of the folder of a basebackup
  std::string partial;               // the name, or the path, under which it is made
  unsigned workers = 2;
  bool end_sessions = false;
  std::string work_folder;  // of this clone alone
  std::string application;  // what sessions of this clone are called
  const PostgresTools& tools;
  const Clock& clock;
  std::stop_token stop;
};

// CREATE DATABASE ... TEMPLATE. ExitCode::clone_failed with the sessions that are in the way.
[[nodiscard]] Result<void> copy_by_template(const PostgresCopy& copy, PostgresServer& server);
// pg_dump, pg_restore, VACUUM (ANALYZE): a copy without statistics would be planned otherwise than its source.
[[nodiscard]] Result<void> copy_by_dump(const PostgresCopy& copy, PostgresServer& source, PostgresServer& destination);
// pg_basebackup and pg_verifybackup.
[[nodiscard]] Result<void> copy_by_basebackup(const PostgresCopy& copy, PostgresServer& source);

// That two databases have as many tables, indexes, sequences and views. ExitCode::clone_failed when they do not.
[[nodiscard]] Result<void> compare_relations(const PostgresCopy& copy);

// Carries out `change`, which wants nobody connected to `database`. Where sessions prevent it, they are reported; or
// they are ended, and it is tried again, a few times, since clients connect anew.
[[nodiscard]] Result<void> without_sessions(PostgresServer& server, const std::string& database, bool end_sessions,
                                            const std::function<Result<void>()>& change);

}  // namespace understudy
