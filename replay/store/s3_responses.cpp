#include "replay/store/s3_responses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "replay/compare/shown_value.hpp"
#include "replay/store/sigv4.hpp"
#include "replay/store/xml_reader.hpp"

namespace understudy {
namespace {

constexpr std::size_t key_size_max = 4096;  // S3 allows 1,024 bytes

[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

[[nodiscard]] std::string without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

[[nodiscard]] int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// encoding-type=url: as of a form, where '+' is a space.
[[nodiscard]] std::string form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

[[nodiscard]] std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

[[nodiscard]] Result<XmlElement> parse_root(std::string_view body, std::string_view name) {
  auto root = parse_xml(body);
  if (root && root->name != name) {
    return fail(ExitCode::target_invalid,
                fmt::format("a {} was expected, and a {} came", name, shown_text(root->name)));
  }
  return root;
}

[[nodiscard]] Result<std::string> read_etag(std::string_view body, std::string_view root_name) {
  const auto root = parse_root(body, root_name);
  if (!root) return tl::unexpected(root.error());
  return without_quotes(root->text_of("ETag"));
}

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(x) == lower(y);
  });
}

[[nodiscard]] bool is_refusal(int status, std::string_view code) {
  return status == 401 || status == 403 || code == "AuthorizationHeaderMalformed" || code == "ExpiredToken" ||
         code == "InvalidToken";
}

[[nodiscard]] std::string hint(int status, std::string_view code) {
  if (code == "SignatureDoesNotMatch") return "; is the secret key right?";
  if (code == "InvalidAccessKeyId") return "; the store does not know this access key";
  if (code == "RequestTimeTooSkewed") return "; set this machine's clock";
  if (code == "ExpiredToken") return "; the temporary keys are over, get new ones";
  if (code == "NoSuchBucket") return "; is its name right, and the endpoint?";
  if (status == 301 || status == 307) return "; give the bucket's own region or endpoint";
  if (status == 403) return "; may these keys do that?";
  return "";
}

}  // namespace

std::optional<std::uint64_t> parts_of_etag(std::string_view etag) {
  const std::size_t dash = etag.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto parts = number_of(etag.substr(dash + 1));
  if (!parts || *parts == 0 || *parts > 10'000) return std::nullopt;
  return parts;
}

Result<S3Page> read_list_page(std::string_view body) {
  const auto root = parse_root(body, "ListBucketResult");
  if (!root) return tl::unexpected(root.error());
  const bool encoded = root->text_of("EncodingType") == "url";
  const auto decoded = [&](std::string_view text) { return encoded ? form_decoded(text) : std::string(text); };
  S3Page page;
  page.truncated = root->text_of("IsTruncated") == "true";
  for (const XmlElement& child : root->children) {
    if (child.name == "CommonPrefixes") page.prefixes.push_back(decoded(child.text_of("Prefix")));
    if (child.name != "Contents") continue;
    const auto size = number_of(child.text_of("Size"));
    S3Object object{decoded(child.text_of("Key")), size.value_or(0), without_quotes(child.text_of("ETag"))};
    if (!size || object.key.empty() || object.key.size() > key_size_max) {
      return fail(ExitCode::target_invalid,
                  fmt::format("a list has an entry without a key or a size: \"{}\"", shown_text(object.key)));
    }
    page.objects.push_back(std::move(object));
  }
  if (page.truncated && page.objects.empty() && page.prefixes.empty()) {
    return fail(ExitCode::target_invalid, "a list says that it is not whole, and is empty");
  }
  return page;
}

Result<std::string> read_copy_result(std::string_view body) {
  auto root = parse_xml(body);
  if (!root) return tl::unexpected(root.error());
  if (root->name != "CopyObjectResult" && root->name != "CopyPartResult") {
    return fail(ExitCode::target_invalid, fmt::format("a copy was answered with a {}", shown_text(root->name)));
  }
  return without_quotes(root->text_of("ETag"));
}

Result<std::string> read_upload_id(std::string_view body) {
  const auto root = parse_root(body, "InitiateMultipartUploadResult");
  if (!root) return tl::unexpected(root.error());
  std::string id(root->text_of("UploadId"));
  if (id.empty() || id.size() > key_size_max) return fail(ExitCode::target_invalid, "an upload was given no UploadId");
  return id;
}

Result<std::string> read_completed(std::string_view body) { return read_etag(body, "CompleteMultipartUploadResult"); }

Result<std::string> read_tagging(std::string_view body) {
  if (body.empty()) return std::string();  // 204: some stores' word for no tags
  const auto root = parse_root(body, "Tagging");
  if (!root) return tl::unexpected(root.error());
  std::string tags;
  const XmlElement* const set = root->child("TagSet");
  if (set == nullptr) return tags;
  for (const XmlElement& tag : set->children) {
    if (!tags.empty()) tags += '&';
    tags += aws_uri_encode(tag.text_of("Key")) + "=" + aws_uri_encode(tag.text_of("Value"));
  }
  return tags;
}

std::string tagging_xml(std::string_view tags) {
  std::string body = "<Tagging><TagSet>";
  while (!tags.empty()) {
    const std::string_view tag = tags.substr(0, tags.find('&'));
    tags.remove_prefix(std::min(tag.size() + 1, tags.size()));
    const std::size_t equals = std::min(tag.find('='), tag.size());
    const std::string_view value = tag.substr(std::min(equals + 1, tag.size()));
    body += fmt::format("<Tag><Key>{}</Key><Value>{}</Value></Tag>", xml_escaped(form_decoded(tag.substr(0, equals))),
                        xml_escaped(form_decoded(value)));
  }
  return body + "</TagSet></Tagging>";
}

bool holds_error(std::string_view body) {
  const auto root = parse_xml(body);
  return root && root->name == "Error";
}

S3Error read_s3_error(std::string_view what, const HttpReply& reply) {
  S3Error error;
  error.status = reply.status;
  std::string message;
  if (const auto root = parse_xml(reply.body); root && root->name == "Error") {
    error.code = shown_text(root->text_of("Code"));
    message = shown_text(root->text_of("Message"));
  }
  std::string text = fmt::format("{} was answered {}", what, reply.status);
  if (!error.code.empty()) text += " " + error.code;
  if (!message.empty()) text += fmt::format(" ({})", message);
  const std::string_view region = reply.header("x-amz-bucket-region");
  if (!region.empty() && (reply.status == 301 || reply.status == 400)) {
    text += fmt::format("; the bucket is in the region {}", shown_text(region));
  }
  error.error = Error{is_refusal(reply.status, error.code) ? ExitCode::permission : ExitCode::target_invalid,
                      text + hint(reply.status, error.code)};
  return error;
}

S3Head read_head(const HttpReply& reply) {
  // What CopyObject keeps by itself, too.
  constexpr std::array<std::string_view, 6> content = {"content-type",        "content-encoding", "content-language",
                                                       "content-disposition", "cache-control",    "expires"};
  constexpr std::string_view metadata = "x-amz-meta-";
  constexpr std::string_view checksum = "x-amz-checksum-";
  S3Head head;
  head.size = number_of(reply.header("content-length")).value_or(0);
  head.etag = without_quotes(reply.header("etag"));
  head.part_count = number_of(reply.header("x-amz-mp-parts-count")).value_or(0);
  head.tag_count = number_of(reply.header("x-amz-tagging-count")).value_or(0);
  head.kms_encrypted = reply.header("x-amz-server-side-encryption").starts_with("aws:kms") ||
                       !reply.header("x-amz-server-side-encryption-customer-algorithm").empty();
  const bool whole = equals_ignoring_case(reply.header("x-amz-checksum-type"), "FULL_OBJECT");
  for (const auto& [name, value] : reply.headers) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (std::ranges::find(content, lower) != content.end() || lower.starts_with(metadata)) {
      head.kept.emplace_back(lower, value);
    } else if (whole && lower.starts_with(checksum) && lower != "x-amz-checksum-type") {
      head.checksum_name = lower.substr(checksum.size());
      head.checksum = value;
    }
  }
  return head;
}

}  // namespace understudy
