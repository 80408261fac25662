// Boost.Asio's definitions, compiled once for the whole project.
#include <utility>  // before Asio: Boost 1.81 uses std::exchange without including it

#include <boost/asio/impl/src.hpp>
