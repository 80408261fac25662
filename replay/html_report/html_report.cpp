#include "replay/html_report/html_report.hpp"

#include <fmt/format.h>

#include <array>

#include "replay/html_report/page_assets.hpp"
#include "replay/html_report/report_document.hpp"
#include "traffic/recording/base64.hpp"
#include "traffic/recording/sha256.hpp"

namespace understudy {
namespace {

// U+2028 and U+2029 end a line of script, though not of JSON.
constexpr std::string_view line_separator = "\xe2\x80\xa8";
constexpr std::string_view paragraph_separator = "\xe2\x80\xa9";

// 'sha256-...' as Content Security Policy Level 3, 2.3.1, names an inline script or style.
std::string csp_digest(std::string_view content) {
  std::string hex;
  Sha256().append_hex(hex, std::array{content});
  std::string digest;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  std::string out = "'sha256-";
  append_base64(out, digest);
  return out + "'";
}

std::string_view name_of(HtmlReportKind kind) { return kind == HtmlReportKind::replay ? "replay" : "rehearsal"; }

std::string script_element(std::string_view script) {
  return script.empty() ? std::string() : fmt::format("<script>{}</script>\n", script);
}

}  // namespace

bool html_report_has_charts() { return !chart_script().empty(); }

std::string json_for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i);
    switch (json[i]) {
      // Only inside strings: none of these is part of JSON's own syntax.
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default:
        if (rest.starts_with(line_separator) || rest.starts_with(paragraph_separator)) {
          out += rest.starts_with(line_separator) ? "\\u2028" : "\\u2029";
          i += line_separator.size() - 1;
        } else {
          out += json[i];
        }
    }
  }
  return out;
}

Result<std::string> html_report(HtmlReportKind kind, std::string_view document_json) {
  if (const auto parsed = parse_report_document(document_json); !parsed) return tl::unexpected(parsed.error());
  const std::string style = fmt::format("{}\n{}", chart_style(), page_style());
  const std::string charts =
      html_report_has_charts() ? fmt::format("/*\n{}*/\n{}", chart_licence(), chart_script()) : std::string();
  const std::string chart_policy = charts.empty() ? std::string() : " " + csp_digest(charts);
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\" data-kind=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}{}; style-src {}; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>Understudy report</title>\n<style>{}</style>\n"
      "</head>\n<body>\n"
      "<noscript>This page is drawn by a script of its own. The text files beside it say the same.</noscript>\n",
      name_of(kind), csp_digest(page_script()), chart_policy, csp_digest(style), style);
  page +=
      fmt::format("<script type=\"application/json\" id=\"document\">{}</script>\n", json_for_script(document_json));
  page += script_element(charts);
  page += script_element(page_script());
  return page + "</body>\n</html>\n";
}

}  // namespace understudy
