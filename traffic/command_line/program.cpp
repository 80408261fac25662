#include "traffic/command_line/program.hpp"

#include <cstdio>
#include <exception>

#include "traffic/command_line/standard_streams.hpp"

namespace understudy {

int run_program(const char* name, int count, char** values,
                const std::function<Result<ExitCode>(const std::vector<std::string>&)>& run) {
  try {
    prepare_standard_streams();
    const Result<ExitCode> outcome = run({values + 1, values + count});
    if (outcome) return static_cast<int>(*outcome);
    std::fprintf(stderr, "%s: %s\n", name, outcome.error().message.c_str());
    return static_cast<int>(outcome.error().code);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: ended by an unexpected error: %s. This is a defect; please report it.\n", name,
                 error.what());
    return static_cast<int>(ExitCode::internal);
  }
}

}  // namespace understudy
