#include "replay/rehearse/results_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <type_traits>

#include "replay/compare/json_document.hpp"
#include "replay/rehearse/record_fields.hpp"
#include "replay/report/file_set.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

constexpr int state_schema = 1;
constexpr std::uintmax_t record_bytes_max = json_memory_max;

[[nodiscard]] Result<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) {
    return fail(ExitCode::configuration, fmt::format("cannot read '{}': {}", path.string(), error.message()));
  }
  if (size > record_bytes_max) return fail(ExitCode::configuration, fmt::format("'{}' is too large", path.string()));
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return fail(ExitCode::configuration, fmt::format("cannot read '{}'", path.string()));
  return text;
}

}  // namespace

template <typename Record, typename V>
requires std::same_as<std::remove_const_t<V>, StepRecord>
void describe(Record& record, V& step) {
  record.field("name", step.name);
  record.field("started_at", step.started_at);
  record.field("seconds", step.seconds);
  record.field("exit_code", step.exit_code);
  record.field("output", step.output);
}

template <typename Record, typename V>
requires std::same_as<std::remove_const_t<V>, SideFacts>
void describe(Record& record, V& side) {
  record.field("url", side.url);
  record.field("build_version", side.build_version);
  record.field("build_timestamp", side.build_timestamp);
}

template <typename Record, typename V>
requires std::same_as<std::remove_const_t<V>, ComparedStatistics>
void describe(Record& record, V& statistics) {
  record.field("between", statistics.between);
  record.field("verdict", statistics.verdict);
  record.field("json", statistics.json);
}

template <typename Record, typename V>
requires std::same_as<std::remove_const_t<V>, RehearsalState>
void describe(Record& record, V& state) {
  record.field("plan_fingerprint", state.plan_fingerprint);
  record.field("started_at", state.started_at);
  record.field("finished_at", state.finished_at);
  record.field("is_set_up", state.is_set_up);
  record.field("end", state.end);
  record.field("end_reason", state.end_reason);
  record.field("baseline", state.baseline);
  record.field("candidate", state.candidate);
  record.field("steps", state.steps);
  record.field("tests_json", state.tests_json);
  record.field("statistics", state.statistics);
  record.field("refusals", state.refusals);
  record.field("warnings", state.warnings);
}

Result<ResultsFolder> ResultsFolder::open(const std::string& path, bool go_on) {
  std::error_code error;
  const bool has_state = fs::exists(fs::path(path) / "state.json", error);
  if (go_on && !has_state) {
    return fail(ExitCode::usage,
                fmt::format("'{}' holds no rehearsal: --out names the folder of an earlier one", path));
  }
  if (!go_on && has_state) {
    return fail(
        ExitCode::usage,
        fmt::format("'{}' holds a rehearsal already: choose another --out, or --resume to go on with it", path));
  }
  fs::create_directories(fs::path(path) / "steps", error);
  if (error) return fail(ExitCode::output_failed, fmt::format("cannot create '{}': {}", path, error.message()));
  return ResultsFolder(path);
}

std::string ResultsFolder::run_folder(const RunPlace& place) const {
  return (fs::path(path_) / place.folder()).string();
}

std::string ResultsFolder::step_file(const std::string& name) const {
  return (fs::path(path_) / "steps" / (name + ".txt")).string();
}

Result<void> ResultsFolder::save(const RehearsalState& state) const {
  RecordWriter writer;
  writer.json().begin_object();
  writer.field("schema", state_schema);
  describe(writer, state);
  writer.json().end_object();
  return replace_files(path_, {{"state.json", writer.take()}});
}

Result<void> ResultsFolder::save(const RunRecord& record) const {
  return replace_files(run_folder(record.place), {{"record.json", to_json(record)}});
}

void ResultsFolder::set_aside(const RunPlace& place) const {
  const std::string folder = run_folder(place);
  std::error_code error;
  for (int i = 1; i < 1000; ++i) {
    const std::string aside = fmt::format("{}.{}", folder, i);
    if (fs::exists(aside, error)) continue;
    fs::rename(folder, aside, error);
    return;
  }
}

Result<RehearsalState> ResultsFolder::load_state() const {
  const fs::path file = fs::path(path_) / "state.json";
  auto text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  JsonArena arena;
  const boost::json::value* value = arena.parse(*text);
  RehearsalState state;
  int schema = 0;
  if (value == nullptr)
    return fail(ExitCode::configuration, fmt::format("'{}' is damaged: it is no JSON", file.string()));
  RecordReader reader(*value);
  reader.field("schema", schema);
  describe(reader, state);
  if (schema != state_schema || !reader.problem().empty()) {
    return fail(ExitCode::configuration, fmt::format("'{}' is not of this version: '{}'", file.string(),
                                                     reader.problem().empty() ? "schema" : reader.problem()));
  }
  return state;
}

Result<std::vector<RunRecord>> ResultsFolder::load_runs() const {
  std::vector<RunRecord> records;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(path_) / "runs", error)) {
    const fs::path file = entry.path() / "record.json";
    // Runs that were set aside have a dot in their name.
    if (entry.path().has_extension() || !fs::exists(file, error)) continue;
    auto text = read_file(file);
    if (!text) return tl::unexpected(text.error());
    auto record = read_run_record(fmt::format("'{}'", file.string()), *text);
    if (!record) return tl::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  std::ranges::sort(records, {}, [](const RunRecord& record) { return record.place.number; });
  return records;
}

}  // namespace understudy
