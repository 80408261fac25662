// What a run came to, as an exit code for scripts.
#pragma once

#include <span>

#include "traffic/base/error.hpp"
#include "traffic/observe/ledger_summary.hpp"

namespace understudy {

// The first of these that holds: a worker failed (its code); a recording could not be written whole (output_failed); an
// output got nothing, because of TLS (tls) or otherwise (undelivered); ok.
[[nodiscard]] ExitCode outcome_of(const LedgerReport& ledger, std::span<const Result<void>> workers);

}  // namespace understudy
