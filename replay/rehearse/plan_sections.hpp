// The tables of a plan, one reader each. Each takes what it knows and refuses the rest; errors go to the table's
// PlanErrors.
#pragma once

#include <vector>

#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/plan_table.hpp"

namespace understudy {

void read_side(PlanTable table, RunSide side, const GetVariable& variable, SidePlan& plan);
// [traffic], [pacing], [sessions], [rules], [comparison] and [connection]: the recordings, and flags of `run`.
void read_traffic(PlanTable& root, RehearsalPlan& plan);
void read_pairs(PlanTable table, PairsPlan& plan);
void read_verdict(PlanTable table, RehearsalPlan& plan);
void read_environment(PlanTable table, EnvironmentPlan& plan);
void read_clone(PlanTable& table, std::vector<ClonePlan>& plan);
void read_forecast(PlanTable table, RehearsalPlan& plan);
void read_trace(PlanTable table, TracePlan& plan);

}  // namespace understudy
