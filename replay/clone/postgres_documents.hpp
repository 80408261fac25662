// The documents of a PostgreSQL clone: a clone of one segment (see clone_job.hpp and postgres_clone.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/clone/document_store.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct PostgresStepResult {
  std::string name;
  Nanoseconds duration{};
  std::string output;  // the key of the document
};

struct PostgresCloneResult {
  CloneMethod method = CloneMethod::template_database;
  std::string source_name, destination_name;
  std::uint64_t bytes = 0;  // of the source
  int server_version = 0;
  bool skipped = false;  // the destination was there, and was left
  Nanoseconds duration{};
  std::vector<PostgresStepResult> steps;
};

[[nodiscard]] double seconds(Nanoseconds duration);
// "monday-1/steps/01.output.txt". Steps count from 1.
[[nodiscard]] std::string step_output_key(std::string_view id, std::size_t step);

// Writes the clone-request, or finds it: ExitCode::refused when the Id's is another one.
[[nodiscard]] Result<void> take_postgres_request(const CloneRequest& request, DocumentStore& documents);
// That of an earlier run that succeeded.
[[nodiscard]] Result<std::optional<CloneManifest>> read_postgres_manifest(const CloneRequest& request,
                                                                          DocumentStore& documents);
// Segment-request, segment-response, clone-response, in this order.
[[nodiscard]] Result<CloneManifest> write_postgres_documents(const CloneRequest& request,
                                                             const PostgresCloneResult& result,
                                                             DocumentStore& documents);

}  // namespace understudy
