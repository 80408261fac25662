#include "replay/store/instance_metadata.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/environment/http_client.hpp"
#include "replay/environment/payload_reader.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr const char* usual_endpoint = "http://169.254.169.254";
constexpr const char* roles_path = "/latest/meta-data/iam/security-credentials/";
constexpr std::size_t text_size_max = 4096;

[[nodiscard]] tl::unexpected<Error> no_credentials(std::string_view why) {
  return fail(ExitCode::permission,
              fmt::format("instance metadata gave no credentials: {}; does this machine have a role?", why));
}

[[nodiscard]] HttpClientOptions way_to(TargetUrl target) {
  HttpClientOptions options;
  options.target = std::move(target);
  options.connect_timeout = std::chrono::seconds(1);
  options.response_timeout = std::chrono::seconds(1);
  return options;
}

[[nodiscard]] Result<std::string> ask(const HttpClientOptions& options, const HttpCall& call) {
  const auto answer = HttpClient(options).send(call);
  if (!answer) return no_credentials(answer.error().message);
  if (answer->status != 200) return no_credentials(fmt::format("{} was answered {}", call.path, answer->status));
  if (answer->body.empty() || answer->body.size() > text_size_max) {
    return no_credentials(fmt::format("{} was answered with {} bytes", call.path, answer->body.size()));
  }
  return answer->body;
}

[[nodiscard]] bool is_plain(std::string_view text) {
  return text.find_first_of("\r\n \t/?#%") == std::string_view::npos;
}

}  // namespace

Result<AwsCredentials> read_instance_credentials(const std::string& endpoint) {
  auto target = parse_target(endpoint.empty() ? usual_endpoint : endpoint);
  if (!target) return tl::unexpected(target.error());
  HttpClientOptions options = way_to(std::move(*target));
  options.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "300");
  auto token = ask(options, {"PUT", "/latest/api/token", ""});
  if (!token) return tl::unexpected(token.error());
  if (!is_plain(*token)) return no_credentials("its token is none");
  options.headers = {{"X-aws-ec2-metadata-token", std::move(*token)}};
  const auto roles = ask(options, {"GET", roles_path, ""});
  if (!roles) return tl::unexpected(roles.error());
  const std::string role = roles->substr(0, roles->find_first_of("\r\n"));
  if (role.empty() || !is_plain(role)) return no_credentials("it names no role");
  const auto body = ask(options, {"GET", roles_path + role, ""});
  if (!body) return tl::unexpected(body.error());
  PayloadReader reader("the role's credentials", *body);
  AwsCredentials credentials{reader.text("AccessKeyId"), reader.text("SecretAccessKey"), reader.optional_text("Token"),
                             parse_rfc3339(reader.optional_text("Expiration"))};
  if (reader.error()) return no_credentials("its answer has no keys");
  return credentials;
}

}  // namespace understudy
