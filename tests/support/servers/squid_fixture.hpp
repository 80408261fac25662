// A real squid on loopback, as the CONNECT proxy of a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/servers/process.hpp"

namespace understudy {

struct SquidOptions {
  std::string user = {};  // empty: no authentication
  std::string password = {};
  std::uint16_t forbidden_port = 0;  // CONNECT to it is answered 403
};

class SquidFixture {
 public:
  explicit SquidFixture(const SquidOptions& options = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Its access log so far; a tunnel is written down when it ends.
  [[nodiscard]] std::string log() const { return folder_.read("access.log"); }

 private:
  TemporaryFolder folder_;
  std::uint16_t port_;
  std::optional<ChildProcess> process_;
};

}  // namespace understudy
