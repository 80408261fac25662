// The JSON document that a report is made from, read once and checked.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// One JSON object (RFC 8259, UTF-8), nested at most 128 deep. ExitCode::internal when the text is anything else: we
// wrote it ourselves. Pure; any thread.
[[nodiscard]] Result<boost::json::value> parse_report_document(std::string_view json);

}  // namespace understudy
