#include "traffic/command_line/standard_streams.hpp"

namespace understudy {

void prepare_standard_streams() {}

}  // namespace understudy
