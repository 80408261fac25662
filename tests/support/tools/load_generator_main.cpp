// usage: load-generator --to ADDRESS:PORT [--rate N] [--count N] [--mix MIX] [--connections N] [--pipeline N]
//                       [--first-id N] [--seed N] [--deadline SECONDS] [--sent FILE] [--host NAME]
//
// Prints one JSON object when all is sent and answered. Exit code 1 when an answer is missing.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/support/tools/load_generator.hpp"

namespace {

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) {
  using namespace understudy::tools;
  LoadOptions options;
  std::string to;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--to") {
      to = value;
    } else if (name == "--host") {
      options.host = value;
    } else if (name == "--mix") {
      options.mix = value;
    } else if (name == "--sent") {
      options.sent_file = value;
    } else if (name == "--rate") {
      options.rate = std::strtod(value, nullptr);
    } else if (name == "--deadline") {
      options.deadline_seconds = std::strtod(value, nullptr);
    } else if (name == "--count") {
      options.count = number(value);
    } else if (name == "--first-id") {
      options.first_id = number(value);
    } else if (name == "--seed") {
      options.seed = number(value);
    } else if (name == "--connections") {
      options.connections = static_cast<unsigned>(number(value));
    } else if (name == "--pipeline") {
      options.pipeline = static_cast<unsigned>(number(value));
    } else {
      die("not understood: " + std::string(name));
    }
  }
  options.to = parse_endpoint(to);
  if (options.host.empty()) {
    options.host = to;
  }
  if (options.connections == 0 || options.pipeline == 0) {
    die("--connections and --pipeline are at least 1");
  }
  const std::uint64_t count = options.count;
  const std::string result = LoadGenerator(std::move(options)).run();
  std::puts(result.c_str());
  return result.find("\"answered\":" + std::to_string(count) + ",") == std::string::npos ? 1 : 0;
}
