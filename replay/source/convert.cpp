#include "replay/source/convert.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "traffic/recording/gor_writer.hpp"
#include "traffic/recording/har_writer.hpp"
#include "traffic/recording/jsonl_exchange_writer.hpp"
#include "traffic/recording/take_writer.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

using Opened = Result<std::unique_ptr<ExchangeWriter>>;

struct Target {
  std::string_view ending;
  Opened (*open)(const std::string& path, const ConvertOptions& options);
  std::string_view never_held;  // by the format, of any exchange; empty: it holds everything
};

Opened open_take_target(const std::string& path, const ConvertOptions& options) {
  TakeWriteOptions take;
  take.key_file = options.key_file;
  take.origin = "converted";
  return make_take_writer(path, take);
}

constexpr std::array<Target, 5> targets{{
    {".take", open_take_target, ""},
    {".gor", [](const std::string& path, const ConvertOptions&) { return make_gor_writer(path, false); },
     "connections and addresses: each request becomes a session of its own"},
    {".gor.gz", [](const std::string& path, const ConvertOptions&) { return make_gor_writer(path, true); },
     "connections and addresses: each request becomes a session of its own"},
    {".har", [](const std::string& path, const ConvertOptions&) { return make_har_writer(path); },
     "chunk sizes and trailers"},
    {".jsonl", [](const std::string& path, const ConvertOptions&) { return make_jsonl_writer(path); },
     "chunk sizes, trailers, and the times of last bytes"},
}};

const Target* find_target(std::string_view path) {
  if (path == "-") path = ".jsonl";
  for (const Target& target : targets) {
    if (path.ends_with(target.ending)) return &target;
  }
  return nullptr;
}

// Removes the unfinished file, unless it was renamed.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(std::string path) : path_(std::move(path)) {}
  ~UnfinishedFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  [[nodiscard]] Result<std::uint64_t> become(const std::string& name) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(path_, error);
    if (!error) fs::rename(path_, name, error);
    if (error) {
      return fail(ExitCode::output_failed, fmt::format("cannot give {} its name {}: {}", path_, name, error.message()));
    }
    path_.clear();
    return size;
  }

 private:
  std::string path_;
};

std::vector<std::string> not_held(const Target& target, const ExchangeWriter& writer, const RecordingReport& report) {
  std::vector<std::string> sentences;
  for (const LeftOut& left_out : writer.left_out()) {
    sentences.push_back(fmt::format("{} ({})", left_out.reason, left_out.count));
  }
  if (!target.never_held.empty()) sentences.emplace_back(target.never_held);
  if (report.ledger && target.ending != ".take") sentences.emplace_back("the certificate of completeness");
  return sentences;
}

}  // namespace

Result<void> check_conversion_target(const std::string& path, const ConvertOptions& options) {
  if (find_target(path) == nullptr) {
    return fail(
        ExitCode::usage,
        fmt::format("'{}' ends in no known format: name the target *.take, *.gor, *.gor.gz, *.har or *.jsonl", path));
  }
  std::error_code error;
  if (path != "-" && !options.overwrite && fs::exists(path, error)) {
    return fail(ExitCode::output_failed,
                fmt::format("{} exists already, and is not overwritten unless that is asked for", path));
  }
  return {};
}

Result<ConvertSummary> convert(ExchangeSource& source, const std::string& path, const ConvertOptions& options) {
  if (auto checked = check_conversion_target(path, options); !checked) return tl::unexpected(checked.error());
  const Target& target = *find_target(path);
  const bool is_file = path != "-";
  const std::string part = is_file ? path + ".part" : path;
  std::error_code ignored;
  if (is_file) fs::remove(part, ignored);  // what an earlier conversion left that was killed
  UnfinishedFile unfinished(is_file ? part : "");
  auto writer = target.open(part, options);
  if (!writer) return tl::unexpected(writer.error());
  ConvertSummary summary;
  while (true) {
    auto exchange = source.next();
    if (!exchange) return tl::unexpected(exchange.error());
    if (*exchange == nullptr) break;
    if (auto written = (*writer)->write(**exchange); !written) return tl::unexpected(written.error());
    ++summary.exchanges;
  }
  summary.report = source.report();
  if (auto finished = (*writer)->finish(summary.report); !finished) return tl::unexpected(finished.error());
  summary.not_held = not_held(target, **writer, summary.report);
  writer->reset();
  if (!is_file) return summary;
  auto size = unfinished.become(path);
  if (!size) return tl::unexpected(size.error());
  summary.bytes_written = *size;
  return summary;
}

}  // namespace understudy
