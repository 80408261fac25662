#include "agent/policy_option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace understudy {
namespace {

struct NamedPolicy {
  std::string_view name;
  bool FramingPolicy::*member;
};

constexpr NamedPolicy named_policies[] = {
    {"bare_lf", &FramingPolicy::accept_bare_lf},
    {"bare_cr", &FramingPolicy::accept_bare_cr},
    {"leading_empty_lines", &FramingPolicy::accept_leading_empty_lines},
    {"extra_space_in_request_line", &FramingPolicy::accept_extra_space_in_request_line},
    {"space_in_target", &FramingPolicy::accept_space_in_target},
    {"high_bytes_in_target", &FramingPolicy::accept_high_bytes_in_target},
    {"other_minor_version", &FramingPolicy::accept_other_minor_version},
    {"other_major_version", &FramingPolicy::accept_other_major_version},
    {"obs_fold", &FramingPolicy::accept_obs_fold},
    {"space_before_colon", &FramingPolicy::accept_space_before_colon},
    {"space_before_colon_in_response", &FramingPolicy::accept_space_before_colon_in_response},
    {"non_token_field_name", &FramingPolicy::accept_non_token_field_name},
    {"line_without_colon", &FramingPolicy::accept_line_without_colon},
    {"nul_in_value", &FramingPolicy::accept_nul_in_value},
    {"content_length_with_transfer_encoding", &FramingPolicy::accept_content_length_with_transfer_encoding},
    {"content_length_with_transfer_encoding_in_response",
     &FramingPolicy::accept_content_length_with_transfer_encoding_in_response},
    {"repeated_equal_content_length", &FramingPolicy::accept_repeated_equal_content_length},
    {"transfer_encoding_in_http10", &FramingPolicy::accept_transfer_encoding_in_http10},
    {"other_transfer_codings", &FramingPolicy::accept_other_transfer_codings},
    {"identity_transfer_coding", &FramingPolicy::accept_identity_transfer_coding},
    {"bare_lf_in_chunks", &FramingPolicy::accept_bare_lf_in_chunks},
    {"space_after_chunk_size", &FramingPolicy::accept_space_after_chunk_size},
    {"chunk_size_leading_zeros", &FramingPolicy::accept_chunk_size_leading_zeros},
    {"resync_inside_segment", &FramingPolicy::resync_inside_segment},
};

}  // namespace

Result<bool> parse_policy_setting(std::string_view setting, FramingPolicy& policy) {
  const std::size_t equals = setting.find('=');
  const std::string_view name = setting.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : setting.substr(equals + 1);
  if (value != "on" && value != "off") {
    return fail(ExitCode::usage, fmt::format("'{}' is not of the form NAME=on or NAME=off", setting));
  }
  for (const NamedPolicy& known : named_policies) {
    if (known.name == name) {
      policy.*known.member = value == "on";
      return true;
    }
  }
  return fail(ExitCode::usage,
              fmt::format("there is no policy '{}'; there are {}", name, fmt::join(policy_names(), ", ")));
}

std::vector<std::string_view> policy_names() {
  std::vector<std::string_view> names;
  for (const NamedPolicy& known : named_policies) names.push_back(known.name);
  return names;
}

}  // namespace understudy
