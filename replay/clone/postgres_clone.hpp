// Clones of PostgreSQL databases, behind the seam of clone_job.hpp.
//
//   template    CREATE DATABASE ... TEMPLATE: within one server; nobody else may be connected to the source
//   dump        pg_dump and pg_restore, in parallel: also from one server to another; removes bloat
//   basebackup  pg_basebackup of the whole server into a folder, verified; who wants it starts it
//
// Without a Method it is template where both sides are on one server, else dump. PostgreSQL 13 and later.
//
// A database is made under another name ("candidate_partial_1a2b3c4d") and renamed when it is whole, a folder likewise,
// so nothing half made ever stands under the destination's name. What failed or was cancelled is removed; what cannot
// be removed is named in the error. The copy carries a comment with the clone's Id: a run that was killed is begun anew
// by the next one of the same Id, which removes what the first left, and ends its statements on the server.
//
// After steps run on the finished copy, in order; the first that fails fails the clone, and the error says that the
// copy is there. A copy whose steps were broken off is made anew, since nobody knows how far they came.
//
// Sessions on the source (template) or on a destination to be replaced are reported with pid, application, user and
// address (ExitCode::clone_failed), and ended only with end_sessions.
#pragma once

#include <string>

#include "replay/clone/clone_job.hpp"

namespace understudy {

struct PostgresCloneSettings {
  // Where pg_dump, pg_restore and pg_basebackup are; empty: those of the server's version where Debian puts them, else
  // by PATH. Tools older than the server are refused.
  std::string tools_folder;
  std::string work_folder;  // for dumps while they are restored, as large as those; empty: TMPDIR, else /tmp
  bool end_sessions = false;
};

// Runs one clone as CloneRunner says. The side's Database is a name where CloneAccess::server is set, else all that
// libpq needs ("postgres://db.test/orders"), without a password. Workers is that of the dump, 2 where missing.
//
// The documents: one segment, whose segment-response has the name of the copy in `files`, and beside the story's
// members "method", "bytes", "seconds", "server_version" and "steps": [{"name", "seconds", "output"}], where output is
// the key of a document with what the step wrote.
[[nodiscard]] CloneRunner postgres_clone(PostgresCloneSettings settings);

}  // namespace understudy
