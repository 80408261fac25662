#include "traffic/http/framing_policy.hpp"

namespace understudy {

std::string_view to_string(Malformation malformation) {
  switch (malformation) {
    case Malformation::start_line: return "start_line";
    case Malformation::target_bytes: return "target_bytes";
    case Malformation::version: return "version";
    case Malformation::http09: return "http09";
    case Malformation::bare_lf: return "bare_lf";
    case Malformation::bare_cr: return "bare_cr";
    case Malformation::leading_empty_lines: return "leading_empty_lines";
    case Malformation::obs_fold: return "obs_fold";
    case Malformation::space_before_colon: return "space_before_colon";
    case Malformation::field_name: return "field_name";
    case Malformation::no_colon: return "no_colon";
    case Malformation::nul_in_value: return "nul_in_value";
    case Malformation::too_many_fields: return "too_many_fields";
    case Malformation::content_length: return "content_length";
    case Malformation::conflicting_content_length: return "conflicting_content_length";
    case Malformation::content_length_with_transfer_encoding: return "content_length_with_transfer_encoding";
    case Malformation::transfer_encoding: return "transfer_encoding";
    case Malformation::chunk_size: return "chunk_size";
    case Malformation::chunk_end: return "chunk_end";
    case Malformation::trailer: return "trailer";
  }
  return "unknown";
}

}  // namespace understudy
