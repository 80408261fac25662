// From what was observed of a database during a run to what a record keeps. Pure functions; any thread.
#pragma once

#include "replay/database/observation.hpp"
#include "replay/rehearse/run_record.hpp"

namespace understudy {

// Classes beyond this are left out of a record: those with the least reads and time.
inline constexpr std::size_t recorded_classes_max = 500;

[[nodiscard]] RecordedDatabase recorded_database(const Observation& observation);

// Why the figures of a run cannot be used, where they cannot.
[[nodiscard]] std::optional<std::string> observation_problem(const Observation& observation);

}  // namespace understudy
