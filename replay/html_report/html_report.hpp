// One self-contained HTML file out of a result's JSON document: it opens without a network, years later.
//
// The file holds the document as it is, in a data block, and the page's own script, style and chart library, all put
// into the program at build. The script renders the document with DOM calls only: text of the document (paths, SQL,
// reasons, names) is never read as HTML. A Content-Security-Policy forbids every request and every script but ours.
// The file without its document is at most html_report_bytes_max.
//
// Pure functions; any thread. Who writes files: replay/rehearsal_report for a rehearsal, replay/report for a replay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// What the document is; each has a view of its own in the page.
enum class HtmlReportKind : std::uint8_t {
  rehearsal,  // rehearsal.json: docs/rehearsal.md
  replay,     // result.json: docs/replay-report.md
};

inline constexpr std::size_t html_report_bytes_max = 500'000;

// Whether the build had uPlot at hand. Without it the page says that it has no charts; each chart's table is there.
[[nodiscard]] bool html_report_has_charts();

// The whole page. `document_json` is any valid JSON object; what the view does not find in it is left out and said so.
// ExitCode::internal when it is not (RFC 8259, UTF-8), so that no broken page is ever written.
[[nodiscard]] Result<std::string> html_report(HtmlReportKind kind, std::string_view document_json);

// `json` so that it may stand inside <script type="application/json">, where HTML's parser looks for `</script` and
// `<!--` (HTML, 13.2.5.4 and 4.12.1.3): every `<`, `>`, `&`, U+2028 and U+2029 as \uXXXX. It stays the same JSON value.
// REQUIRES: valid JSON.
[[nodiscard]] std::string json_for_script(std::string_view json);

}  // namespace understudy
