// One request to the environment's server and its answer, apart from sockets.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy {

struct ServeRequest {
  std::string method;
  std::string path;  // decoded, without the query
  std::multimap<std::string, std::string> parameters;
  std::string body;
};

struct ServeAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// A problem document (RFC 9457): what was wrong, in words for a person.
[[nodiscard]] ServeAnswer problem(int status, std::string_view detail);

}  // namespace understudy
