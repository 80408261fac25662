// Boost.JSON's definitions, once for all programs: Debian 12 has the library header-only at the version that we use.
#include <boost/json/src.hpp>
