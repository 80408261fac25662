// The texts of a connection: addresses without passwords, and quoting.
#include <libpq-fe.h>

#include <memory>

#include "replay/database/connection.hpp"
#include "replay/database/connection_text.hpp"

namespace understudy {
namespace {

struct OptionsDeleter {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

void doubled(std::string& out, std::string_view text, char quote) {
  out += quote;
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  out += quote;
}

}  // namespace

Result<std::map<std::string, std::string>> read_conninfo(std::string_view where) {
  // libpq's own message may quote a part of the password, so it is not passed on.
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, OptionsDeleter> options(
      PQconninfoParse(std::string(where).c_str(), &message));
  PQfreemem(message);
  const bool is_address = where.find('=') != std::string_view::npos || where.find("://") != std::string_view::npos;
  if (!options || !is_address) {
    return fail(ExitCode::target_invalid,
                "cannot read the address of a database: it takes \"postgres://user@host:5432/name\" or \"host=... "
                "port=... dbname=... user=...\", with a percent sign in a URL as %25");
  }
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  return values;
}

std::string write_conninfo(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [key, value] : values) {
    out += key + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
    out += "' ";
  }
  return out;
}

std::string database_url(const std::string& user, const std::string& host, const std::string& port,
                         const std::string& database) {
  std::string url = "postgres://";
  if (!user.empty()) url += user + "@";
  const bool is_socket = host.starts_with('/');
  const bool is_v6 = host.find(':') != std::string::npos;
  if (!is_socket) {
    url += is_v6 ? "[" + host + "]" : host;
    if (!port.empty()) url += ":" + port;
  }
  url += "/" + database;
  if (is_socket) url += "?host=" + host + (port.empty() ? "" : "&port=" + port);
  return url;
}

Result<std::string> display_database(std::string_view where) {
  auto values = read_conninfo(where);
  if (!values) return tl::unexpected(values.error());
  auto& v = *values;
  const std::string& host = v["host"].empty() ? v["hostaddr"] : v["host"];
  return database_url(v["user"], host, v["port"], v["dbname"]);
}

std::string quote_identifier(std::string_view name) {
  std::string out;
  doubled(out, name, '"');
  return out;
}

std::string quote_literal(std::string_view text) {
  // With a backslash in it the form E'...' is needed, where both are doubled: right whatever
  // standard_conforming_strings is.
  std::string out;
  if (text.find('\\') == std::string_view::npos) {
    doubled(out, text, '\'');
    return out;
  }
  std::string escaped;
  for (const char c : text) {
    escaped += c;
    if (c == '\\') escaped += c;
  }
  out = " E";
  doubled(out, escaped, '\'');
  return out;
}

}  // namespace understudy
