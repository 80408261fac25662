// Writes exchanges as JSON Lines, for conversions. The agent records through RecordingSink.
#pragma once

#include <memory>
#include <string>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

// The file is created, or emptied if it is there. "-" is standard output. ExitCode::output_failed. What the form cannot
// hold goes for every exchange: trailers, chunk sizes and the times of last bytes.
[[nodiscard]] Result<std::unique_ptr<ExchangeWriter>> make_jsonl_writer(const std::string& path);

}  // namespace understudy
