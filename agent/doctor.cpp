// `understudy-agent check`: gives the doctor what the options say, and prints what it found.
#include "agent/agent.hpp"

namespace understudy {

Result<ExitCode> run_check(const AgentOptions&) { return ExitCode::check_failed; }

}  // namespace understudy
