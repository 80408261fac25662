#include "traffic/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace understudy {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "understudy: invariant does not hold: %s (%s:%d). This is a defect; please report it.\n",
               condition, file, line);
  std::abort();
}

}  // namespace understudy
