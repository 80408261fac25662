// The OpenAPI document, embedded when the program is built: docs/environment.openapi.yaml is its only source.
#pragma once

#include <string_view>

namespace understudy {

[[nodiscard]] std::string_view environment_contract();

}  // namespace understudy
