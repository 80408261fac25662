// The tables of a plan, one reader each. Each takes what it knows and refuses the rest; errors go to the table's
// TomlErrors.
#pragma once

#include <vector>

#include "replay/rehearse/plan.hpp"
#include "traffic/command_line/toml_table.hpp"

namespace understudy {

void read_side(TomlTable table, RunSide side, const GetVariable& variable, SidePlan& plan);
// [traffic], [pacing], [sessions], [rules], [comparison] and [connection]: the recordings, and flags of `run`.
void read_traffic(TomlTable& root, RehearsalPlan& plan);
void read_pairs(TomlTable table, PairsPlan& plan);
void read_verdict(TomlTable table, RehearsalPlan& plan);
void read_environment(TomlTable table, EnvironmentPlan& plan);
void read_clone(TomlTable& table, std::vector<ClonePlan>& plan);
void read_forecast(TomlTable table, RehearsalPlan& plan);
void read_trace(TomlTable table, TracePlan& plan);

}  // namespace understudy
