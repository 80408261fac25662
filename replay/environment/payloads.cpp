#include "replay/environment/payloads.hpp"

#include <fmt/format.h>

#include <unordered_set>

#include "replay/compare/shown_value.hpp"
#include "replay/environment/payload_reader.hpp"

namespace understudy {
namespace {

[[nodiscard]] HealthPayload health_of(PayloadReader& reader) {
  HealthPayload health;
  health.build_version = reader.text("BuildVersion");
  health.build_timestamp = reader.optional_text("BuildTimestamp");
  health.database_connectivity = reader.flag("DatabaseConnectivity");
  health.maintenance_mode = reader.flag("MaintenanceMode");
  return health;
}

[[nodiscard]] ServiceTest test_of(PayloadReader& reader) {
  ServiceTest test;
  test.name = reader.text("Name");
  test.description = reader.optional_text("Description");
  test.endpoint = reader.optional_text("Endpoint");
  test.success = reader.flag("Success");
  test.error = reader.optional_text("Error");
  return test;
}

}  // namespace

std::string HealthPayload::text() const {
  return fmt::format("BuildVersion {}{}{}", shown_text(build_version),
                     database_connectivity ? "" : ", without its database", maintenance_mode ? ", in maintenance" : "");
}

Result<HealthPayload> read_health(std::string_view body) {
  PayloadReader reader("the answer of /health", body);
  HealthPayload health = health_of(reader);
  if (reader.error()) return tl::unexpected(*reader.error());
  return health;
}

Result<TestPayload> read_tests(std::string_view body) {
  constexpr std::string_view what = "the answer of /test";
  PayloadReader reader(what, body);
  TestPayload payload;
  if (const boost::json::value* const health = reader.value("Health")) {
    PayloadReader below(what, "Health", *health);
    payload.health = health_of(below);
    reader.take_error(below);
  }
  const boost::json::array* const tests = reader.array("Tests", true);
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; tests != nullptr && !reader.error() && i < tests->size(); ++i) {
    if (i == service_tests_max) {
      reader.refuse(fmt::format("has {} tests; {} are read at most", tests->size(), service_tests_max));
      break;
    }
    PayloadReader below(what, fmt::format("Tests/{}", i), (*tests)[i]);
    payload.tests.push_back(test_of(below));
    reader.take_error(below);
    if (!reader.error() && !names.insert(payload.tests.back().name).second) {
      reader.refuse(fmt::format("has two tests named \"{}\"; give each a name of its own",
                                shown_text(payload.tests.back().name)));
    }
  }
  if (reader.error()) return tl::unexpected(*reader.error());
  return payload;
}

}  // namespace understudy
