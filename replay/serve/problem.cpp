#include "replay/serve/problem.hpp"

#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::string_view title(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Problem";
  }
}

}  // namespace

ServeAnswer problem(int status, std::string_view detail) {
  JsonWriter json;
  json.begin_object().member("type", "about:blank").member("title", title(status)).member("status", status);
  json.member("detail", detail).end_object();
  return {status, json.take(), "application/problem+json"};
}

}  // namespace understudy
