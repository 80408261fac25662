// A rehearsal's result for people and for pipelines, out of its JSON document (docs/rehearsal.md, rehearsal.json).
//
// The document is the only input: what another program reads there is what these say. Keys that are missing are left
// out; a document that is not a JSON object is ExitCode::internal.
//
// Pure functions, except write_rehearsal_reports; any thread.
#pragma once

#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// For a pull request: the verdict, the figures with their intervals, what got worse, the credits. GitHub-flavoured
// Markdown; text of the document is escaped, so that it shows as it is and makes no link, no mention and no HTML.
// At most 60,000 bytes, below what the code hosts take for a comment; what is cut is said.
[[nodiscard]] Result<std::string> rehearsal_markdown(std::string_view rehearsal_json);

// JUnit XML: test cases for the verdict and the objectives, and for each figure, query class, route and smoke test.
// Regressed is a failure, so a class that got worse shows even where the whole got better and the exit code is 0. An
// inconclusive verdict is an error; a part that could not be judged is skipped.
[[nodiscard]] Result<std::string> rehearsal_junit(std::string_view rehearsal_json);

// Writes rehearsal.json, rehearsal.html, rehearsal.md and junit.xml into the folder, which is created where it is
// missing; all or none. ExitCode::output_failed.
[[nodiscard]] Result<void> write_rehearsal_reports(const std::string& folder, std::string_view rehearsal_json);

}  // namespace understudy
