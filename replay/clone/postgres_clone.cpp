#include "replay/clone/postgres_clone.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <random>
#include <utility>

#include "replay/clone/postgres_copy.hpp"
#include "replay/clone/postgres_documents.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/rules/sampler.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

// A folder of its own, gone in the end.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) {}
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  // Empty, for its owner alone. One that somebody else puts there meanwhile is refused: a dump would be theirs to read.
  [[nodiscard]] Result<void> make() const {
    std::error_code error;
    fs::remove_all(path_, error);
    if (!error) fs::create_directories(path_.parent_path(), error);
    if (!error && !fs::create_directory(path_, error) && !error) error = std::make_error_code(std::errc::file_exists);
    if (!error) fs::permissions(path_, fs::perms::owner_all, error);
    if (!error) return {};
    return fail(ExitCode::output_failed,
                fmt::format("cannot make the folder '{}': {}", path_.string(), error.message()));
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

[[nodiscard]] fs::path parent_of_work(const std::string& given) {
  std::error_code ignored;
  if (!given.empty()) return given;
  const fs::path found = fs::temp_directory_path(ignored);
  return found.empty() ? fs::path("/tmp") : found;
}

// One clone, from its request to its documents.
class PostgresClone {
 public:
  PostgresClone(const PostgresCloneSettings& settings, const CloneRequest& request, const CloneContext& context,
                std::stop_token stop)
      : settings_(settings),
        request_(request),
        context_(context),
        stop_(std::move(stop)),
        tag_(fmt::format("{:08x}", fnv1a_32(request.id))),
        sessions_("understudy-clone-" + tag_),
        application_(fmt::format("{}-{:08x}", sessions_, std::random_device()())),
        work_(parent_of_work(settings.work_folder) / sessions_),
        tools_(settings.tools_folder, work_.path(), sessions_ + "-tool") {}

  [[nodiscard]] Result<CloneManifest> run();

 private:
  [[nodiscard]] Result<void> check();
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<PostgresRoute> route(const CloneEndpoint& side, CloneAccess& access);
  [[nodiscard]] Result<void> make();
  [[nodiscard]] Result<void> copy_to_partial();
  [[nodiscard]] Result<void> remove_traces_of_earlier_run();
  [[nodiscard]] Result<bool> is_there();
  [[nodiscard]] Result<void> remove_destination(bool force);
  [[nodiscard]] Result<void> put_in_place(bool replace);
  [[nodiscard]] Result<void> run_steps();
  [[nodiscard]] Error after_failure(Error error);
  [[nodiscard]] Result<void> remove_partial();
  [[nodiscard]] Result<CloneManifest> finish();
  [[nodiscard]] bool is_folder() const { return result_.method == CloneMethod::basebackup; }
  [[nodiscard]] std::string mark() const { return "understudy clone " + request_.id; }

  const PostgresCloneSettings& settings_;
  const CloneRequest& request_;
  const CloneContext& context_;
  std::stop_token stop_;
  std::string tag_;
  std::string sessions_;  // how the names of all sessions of this clone begin, those of its tools and of earlier runs
  std::string application_;  // that of this run's own
  WorkFolder work_;
  PostgresTools tools_;
  PostgresRoute source_route_, destination_route_;
  std::string source_name_, destination_name_;  // of a basebackup, the latter is the path of a folder
  std::string partial_;
  std::optional<PostgresServer> source_, destination_;
  PostgresCloneResult result_;
  bool in_place_ = false;  // the copy stands under the destination's name
};

Result<void> PostgresClone::check() {
  const CloneOptions& options = request_.options;
  const auto refuse = [](std::string_view what) {
    return fail(ExitCode::usage, fmt::format("a clone of a database {}", what));
  };
  if (request_.source.kind != CloneKind::postgres || request_.destination.kind != CloneKind::postgres) {
    return refuse("wants a database on both sides");
  }
  if (options.verify || options.segment_max_bytes || options.segment_max_objects) {
    return refuse("takes none of Verify, SegmentMaxObjects and SegmentMaxBytes, which are for buckets");
  }
  if (options.workers.value_or(1) < 1 || options.workers.value_or(1) > 256) return refuse("takes 1 to 256 Workers");
  if (!options.after.empty() && !context_.step) return refuse("knows no After steps here");
  return {};
}

Result<PostgresRoute> PostgresClone::route(const CloneEndpoint& side, CloneAccess& access) {
  auto found = context_.access(side);
  if (!found) return tl::unexpected(found.error());
  access = std::move(*found);
  const bool is_name = !access.server.empty();
  auto made = read_postgres_route(is_name ? access.server : side.database, access.user, access.password);
  if (!made) return made;
  if (is_name) made->database = side.database;
  return made;
}

Result<void> PostgresClone::open() {
  CloneAccess access;
  auto route = this->route(request_.source, access);
  if (!route) return tl::unexpected(route.error());
  source_route_ = std::move(*route);
  source_name_ = source_route_.database;
  if (source_name_.empty()) return fail(ExitCode::usage, "the clone's Source names no database on its server");
  if (auto opened = PostgresServer::open(source_route_, application_, stop_, context_.clock)) {
    source_.emplace(std::move(*opened));
  } else {
    return tl::unexpected(opened.error());
  }
  if (request_.options.method == CloneMethod::basebackup) {
    auto found = context_.access(request_.destination);
    if (!found) return tl::unexpected(found.error());
    result_.method = CloneMethod::basebackup;
    destination_name_ = (fs::path(found->folder) / request_.destination.database).lexically_normal().string();
    if (!fs::path(destination_name_).is_absolute()) {
      return fail(ExitCode::usage,
                  "a basebackup goes into a folder of this host: name it from the root on, as in "
                  "/srv/clones/candidate");
    }
    partial_ = fmt::format("{}.partial-{}", destination_name_, tag_);
    return {};
  }
  route = this->route(request_.destination, access);
  if (!route) return tl::unexpected(route.error());
  destination_route_ = std::move(*route);
  destination_name_ = destination_route_.database;
  if (destination_name_.empty()) return fail(ExitCode::usage, "the clone's Destination names no database");
  const bool same = is_same_server(source_route_, destination_route_);
  if (same && source_name_ == destination_name_) return fail(ExitCode::usage, "a clone's Source is its Destination");
  result_.method = request_.options.method.value_or(same ? CloneMethod::template_database : CloneMethod::dump);
  if (!same && result_.method == CloneMethod::template_database) {
    return fail(ExitCode::usage,
                fmt::format("the method template copies within one server, and these are two: {} and "
                            "{}; use dump",
                            source_route_.display(source_name_), destination_route_.display(destination_name_)));
  }
  // Names are 63 bytes at most (NAMEDATALEN).
  partial_ = fmt::format("{}_partial_{}", destination_name_.substr(0, 40), tag_);
  auto opened = PostgresServer::open(destination_route_, application_, stop_, context_.clock);
  if (!opened) return tl::unexpected(opened.error());
  destination_.emplace(std::move(*opened));
  return {};
}

Result<bool> PostgresClone::is_there() {
  if (is_folder()) {
    std::error_code error;
    const bool there = fs::exists(destination_name_, error);
    if (error) return fail(ExitCode::output_failed, fmt::format("'{}': {}", destination_name_, error.message()));
    return there;
  }
  const auto size = destination_->size(destination_name_);
  if (!size) return tl::unexpected(size.error());
  return size->has_value();
}

Result<void> PostgresClone::remove_partial() {
  // A stop must not keep from cleaning up. A dump that waits for a lock outlives its tool unless it is ended.
  auto source = PostgresServer::open(source_route_, application_, {}, context_.clock);
  if (source) (void)source->end_applications(sessions_);
  if (!is_folder()) {
    auto server = PostgresServer::open(destination_route_, application_, {}, context_.clock);
    if (!server) return tl::unexpected(server.error());
    if (auto ended = server->end_applications(sessions_); !ended) return ended;
    return server->drop(partial_, true);
  }
  std::error_code error;
  fs::remove_all(partial_, error);
  if (!error) return {};
  return fail(ExitCode::output_failed, fmt::format("cannot remove '{}': {}", partial_, error.message()));
}

Result<void> PostgresClone::remove_destination(bool force) {
  if (!is_folder()) {
    return without_sessions(*destination_, destination_name_, settings_.end_sessions,
                            [&] { return destination_->drop(destination_name_, force && settings_.end_sessions); });
  }
  const fs::path folder(destination_name_);
  std::error_code error;
  if (fs::exists(folder / "postmaster.pid", error)) {
    return fail(ExitCode::clone_failed,
                fmt::format("a server runs on '{}' (postmaster.pid is there); stop it first", destination_name_));
  }
  if (!fs::is_empty(folder, error) && !fs::exists(folder / "PG_VERSION", error)) {
    return fail(ExitCode::clone_failed,
                fmt::format("'{}' is no folder of a PostgreSQL server, and is not replaced", destination_name_));
  }
  fs::remove_all(folder, error);
  if (!error) return {};
  return fail(ExitCode::output_failed, fmt::format("cannot remove '{}': {}", destination_name_, error.message()));
}

Result<void> PostgresClone::remove_traces_of_earlier_run() {
  if (auto removed = remove_partial(); !removed) return removed;
  if (is_folder()) return {};
  const auto comment = destination_->comment(destination_name_);
  if (!comment) return tl::unexpected(comment.error());
  // Ours, but never finished: nobody knows how far its steps came.
  return *comment == mark() ? remove_destination(true) : Result<void>();
}

Result<void> PostgresClone::copy_to_partial() {
  const PostgresCopy copy{request_.id,
                          source_route_,
                          destination_route_,
                          source_name_,
                          destination_name_,
                          partial_,
                          static_cast<unsigned>(request_.options.workers.value_or(2)),
                          settings_.end_sessions,
                          work_.path(),
                          application_,
                          tools_,
                          context_.clock,
                          stop_};
  if (is_folder()) return copy_by_basebackup(copy, *source_);
  auto copied = result_.method == CloneMethod::dump ? copy_by_dump(copy, *source_, *destination_)
                                                    : copy_by_template(copy, *destination_);
  if (!copied) return copied;
  context_.progress.set_status(CloneStatus::verifying);
  if (copied = compare_relations(copy); !copied) return copied;
  return destination_->set_comment(partial_, mark());
}

Result<void> PostgresClone::put_in_place(bool replace) {
  if (replace) {
    if (auto removed = remove_destination(true); !removed) return removed;
  }
  if (!is_folder()) return destination_->rename(partial_, destination_name_);
  std::error_code error;
  fs::rename(partial_, destination_name_, error);
  if (!error) return {};
  return fail(ExitCode::output_failed,
              fmt::format("cannot rename '{}' to '{}': {}", partial_, destination_name_, error.message()));
}

Result<void> PostgresClone::run_steps() {
  for (std::size_t i = 0; i < request_.options.after.size(); ++i) {
    const std::string& name = request_.options.after[i];
    const MonotonicTime begin = context_.clock.monotonic_now();
    const auto output = context_.step(name, stop_);
    if (!output) {
      return fail(output.error().code,
                  fmt::format("the copy {} is there, but its step \"{}\" failed after {:.1f} s: {}", destination_name_,
                              name, seconds(context_.clock.monotonic_now() - begin), output.error().message));
    }
    PostgresStepResult step{name, context_.clock.monotonic_now() - begin, step_output_key(request_.id, i + 1)};
    if (auto written = context_.documents.write(step.output, *output); !written) return written;
    result_.steps.push_back(std::move(step));
  }
  return {};
}

Result<void> PostgresClone::make() {
  if (auto removed = remove_traces_of_earlier_run(); !removed) return removed;
  const auto there = is_there();
  if (!there) return tl::unexpected(there.error());
  const CloneOnExisting on_existing = request_.options.on_existing.value_or(CloneOnExisting::fail);
  if (*there && on_existing == CloneOnExisting::fail) {
    return fail(ExitCode::clone_failed,
                fmt::format("{} is there already; OnExisting can be overwrite or skip", destination_name_));
  }
  const auto size = is_folder() ? source_->size().map([](std::uint64_t bytes) { return std::optional(bytes); })
                                : source_->size(source_name_);
  if (!size) return tl::unexpected(size.error());
  if (!*size) return fail(ExitCode::clone_failed, fmt::format("there is no database \"{}\"", source_name_));
  result_.bytes = **size;
  result_.skipped = *there && on_existing == CloneOnExisting::skip;
  context_.progress.update([&](CloneState& state) {
    state.status = CloneStatus::copying;
    state.listing_complete = true;
    state.objects.listed = 1;
    state.bytes.listed = result_.bytes;
    state.segments.pending = 0;
    state.segments.running = 1;
  });
  if (result_.skipped) return {};
  if (auto copied = copy_to_partial(); !copied) return copied;
  if (stop_.stop_requested()) return fail(ExitCode::aborted, "cancelled, as asked");
  if (auto placed = put_in_place(*there); !placed) return placed;
  in_place_ = true;
  return run_steps();
}

Error PostgresClone::after_failure(Error error) {
  if (in_place_ || partial_.empty()) return error;
  const auto removed = remove_partial();
  if (removed) return error;
  return {error.code, fmt::format("{}; what was copied is left as {}, since it could not be removed: {}", error.message,
                                  partial_, removed.error().message)};
}

Result<CloneManifest> PostgresClone::finish() {
  result_.source_name = source_name_;
  result_.destination_name = destination_name_;
  result_.server_version = source_->version();
  const auto manifest = write_postgres_documents(request_, result_, context_.documents);
  if (!manifest) return manifest;
  context_.progress.update([&](CloneState& state) {
    state.segments.running = 0;
    state.segments.succeeded = 1;
    result_.skipped ? state.objects.skipped = 1 : state.objects.copied = 1;
    if (!result_.skipped) state.bytes.copied = result_.bytes;
    state.status = CloneStatus::succeeded;
  });
  return manifest;
}

Result<CloneManifest> PostgresClone::run() {
  context_.progress.update([](CloneState& state) {
    state.status = CloneStatus::listing;
    state.segments.total = 1;
    state.segments.pending = 1;
  });
  Result<void> done = check();
  if (done) done = take_postgres_request(request_, context_.documents);
  if (done) {
    auto earlier = read_postgres_manifest(request_, context_.documents);
    if (!earlier) return tl::unexpected(earlier.error());
    if (*earlier) {
      context_.progress.set_status(CloneStatus::succeeded);
      return std::move(**earlier);
    }
  }
  if (done) done = work_.make();
  const MonotonicTime begin = context_.clock.monotonic_now();
  if (done) done = open();
  if (done) {
    done = make();
    if (!done) done = tl::unexpected(after_failure(done.error()));
  }
  result_.duration = context_.clock.monotonic_now() - begin;
  if (!done) return tl::unexpected(done.error());
  return finish();
}

}  // namespace

CloneRunner postgres_clone(PostgresCloneSettings settings) {
  return [settings = std::move(settings)](const CloneRequest& request, const CloneContext& context,
                                          std::stop_token stop) -> Result<CloneManifest> {
    auto manifest = PostgresClone(settings, request, context, stop).run();
    if (manifest) return manifest;
    const bool cancelled = stop.stop_requested();
    if (cancelled && manifest.error().code != ExitCode::aborted) {
      // What a stop breaks off has many names.
      manifest.error() = {ExitCode::aborted, "cancelled, as asked: " + manifest.error().message};
    }
    context.progress.add_error(manifest.error().message);
    context.progress.update([&](CloneState& state) {
      state.segments.running = 0;
      state.segments.pending = 0;
      state.segments.failed = 1;
      state.status = cancelled ? CloneStatus::cancelled : CloneStatus::failed;
    });
    return manifest;
  };
}

}  // namespace understudy
