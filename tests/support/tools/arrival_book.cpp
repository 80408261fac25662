#include "tests/support/tools/arrival_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace understudy::tools {
namespace {

constexpr std::size_t named_ids = 20;

void append_quoted(std::string& to, const std::string& text) {
  to += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte > 0x7e) {
      fmt::format_to(std::back_inserter(to), "\\u{:04x}", byte);
    } else {
      to += c;
    }
  }
  to += '"';
}

}  // namespace

void ArrivalBook::arrived(const ScannedRequest& request, std::uint64_t at_ns) {
  ++requests_;
  body_bytes_ += request.body_length;
  heads_.push_back(request.head);
  if (heads_.size() > kept_heads) {
    heads_.pop_front();
  }
  if (!request.body_intact) {
    ++corrupt_;
    if (corrupt_ids_.size() < named_ids) {
      corrupt_ids_.push_back(request.id);
    }
  }
  if (!request.has_id || request.id >= max_ids) {
    ++without_id_;
    return;
  }
  if (request.id >= times_.size()) {
    times_.resize(static_cast<std::size_t>(request.id) + 1);
  }
  std::uint64_t& time = times_[static_cast<std::size_t>(request.id)];
  if (time != 0) {
    ++duplicates_;
    return;
  }
  ++unique_;
  time = at_ns;
}

void ArrivalBook::clear() { *this = ArrivalBook(); }

std::string ArrivalBook::counts_json(std::uint64_t first, std::uint64_t expect) const {
  std::uint64_t missing = 0;
  std::vector<std::uint64_t> sample;
  for (std::uint64_t id = first; id < first + std::min(expect, max_ids); ++id) {
    if (id >= times_.size() || times_[static_cast<std::size_t>(id)] == 0) {
      ++missing;
      if (sample.size() < named_ids) {
        sample.push_back(id);
      }
    }
  }
  return fmt::format(
      R"({{"requests":{},"unique":{},"duplicates":{},"corrupt":{},"corrupt_ids":[{}],"without_id":{},"malformed":{},)"
      R"("body_bytes":{},"missing":{},"missing_ids":[{}]}})",
      requests_, unique_, duplicates_, corrupt_, fmt::join(corrupt_ids_, ","), without_id_, malformed_, body_bytes_,
      missing, fmt::join(sample, ","));
}

std::string ArrivalBook::heads_json() const {
  std::string json = "[";
  for (const std::string& head : heads_) {
    if (json.size() > 1) {
      json += ',';
    }
    append_quoted(json, head);
  }
  return json + ']';
}

bool ArrivalBook::write_times(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return false;
  }
  const bool whole = std::fwrite(times_.data(), sizeof(std::uint64_t), times_.size(), file) == times_.size();
  return std::fclose(file) == 0 && whole;
}

}  // namespace understudy::tools
