/* glibc has arc4random since 2.36 only, and the static libstdc++ of the build host asks for it (std::random_device). With
   this one the packages run on glibc 2.34, which is Enterprise Linux 9's. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

__attribute__((visibility("hidden"))) uint32_t arc4random(void) {
  uint32_t value;
  if (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) abort(); /* up to 256 bytes it never is cut short */
  return value;
}
