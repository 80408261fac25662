// Addresses of databases as libpq reads and writes them. Values hold passwords: not for printing.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// The parameters that an address gives, by libpq's keywords; none of the defaults. ExitCode::target_invalid.
[[nodiscard]] Result<std::map<std::string, std::string>> read_conninfo(std::string_view where);

// "host='db.test' password='it\'s' ".
[[nodiscard]] std::string write_conninfo(const std::map<std::string, std::string>& values);

// "postgres://app@db.test:5432/orders", "postgres://app@/orders?host=/run/postgresql&port=5432"; empty parts are left
// out.
[[nodiscard]] std::string database_url(const std::string& user, const std::string& host, const std::string& port,
                                       const std::string& database);

}  // namespace understudy
