#include "replay/html_report/report_document.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

namespace understudy {
namespace {

constexpr std::size_t nesting_max = 128;

}  // namespace

Result<boost::json::value> parse_report_document(std::string_view json) {
  boost::json::parse_options options;
  options.max_depth = nesting_max;
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(boost::json::string_view(json.data(), json.size()), error, {}, options);
  if (!error && value.is_object()) return value;
  return fail(ExitCode::internal, fmt::format("a report was not made: its document is no JSON object ({}); this is a "
                                              "defect, please report it",
                                              error ? error.message() : "another kind of value"));
}

}  // namespace understudy
