// Boost.JSON's definitions, once for this program: the package has no need to be linked.
#include <boost/json/src.hpp>
