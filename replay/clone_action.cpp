#include "replay/clone_action.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>

#include "replay/clone/bucket_clone.hpp"
#include "replay/clone/bucket_documents.hpp"
#include "replay/clone/folder_documents.hpp"
#include "replay/clone/postgres_clone.hpp"
#include "replay/clone/segment_documents.hpp"
#include "replay/clone/shell_step.hpp"
#include "replay/clone_places.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/observe/progress.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds redraw_interval = std::chrono::milliseconds(250);
constexpr Nanoseconds plain_interval = std::chrono::seconds(10);
constexpr unsigned bar_width = 20;

[[nodiscard]] Result<CloneAccess> s3_access(const CloneCommandSettings& settings, const CloneStoreFlags& store,
                                            const std::string& profile) {
  CloneAccess access;
  const AwsCredentialOptions options{profile, settings.instance_metadata, ""};
  auto credentials = find_aws_credentials(options, read_process_environment);
  if (!credentials) return tl::unexpected(credentials.error());
  access.aws = std::move(*credentials);
  access.region = store.region;
  if (access.region.empty()) access.region = find_aws_region(options, read_process_environment).value_or("us-east-1");
  access.virtual_host = settings.virtual_host;
  access.tls = settings.connection.tls_options();
  access.connect_timeout = settings.connect_timeout;
  const auto target = s3_endpoint(store.endpoint, access.region);
  if (!target) return tl::unexpected(target.error());
  auto proxy = proxy_for(*target, settings.connection.proxy_choice());
  if (!proxy) return tl::unexpected(proxy.error());
  access.proxy = std::move(*proxy);
  return access;
}

// The settings outlive the lookup; `request` is the clone's, whichever way it was found.
[[nodiscard]] CloneAccessLookup access_of(const CloneCommandSettings& settings, const CloneRequest& request) {
  return [&settings, request](const CloneEndpoint& side) -> Result<CloneAccess> {
    const bool is_destination = side == request.destination;
    if (side.kind == CloneKind::s3) {
      CloneStoreFlags store = is_destination ? settings.destination : settings.source;
      store.endpoint = side.endpoint;
      return s3_access(settings, store, side.credential_ref);
    }
    CloneAccess access;
    access.password = is_destination ? settings.destination_password : settings.source_password;
    return access;
  };
}

[[nodiscard]] Result<std::unique_ptr<DocumentStore>> open_documents(const CloneCommandSettings& settings,
                                                                    const std::stop_token& stop) {
  if (!settings.documents_place.starts_with("s3://")) return open_folder_documents(settings.documents_place);
  const auto place = parse_clone_place(settings.documents_place);
  if (!place) return fail(ExitCode::usage, fmt::format("--commands: {}", place.error().message));
  CloneEndpoint side = place->side;
  side.endpoint = settings.documents.endpoint;
  side.credential_ref = settings.request.destination.credential_ref;
  const CloneAccessLookup access = [&settings](const CloneEndpoint& documents) {
    return s3_access(settings, settings.documents, documents.credential_ref);
  };
  auto opened = open_s3_side(side, access, system_clock());
  if (!opened) return tl::unexpected(opened.error());
  return open_bucket_documents(std::move(*opened), stop);
}

// "#####-----  42 %  3,150 of 7,500 objects  5.1 GiB  340/s": as much of it as fits.
[[nodiscard]] std::string progress_text(const CloneState& state, Nanoseconds elapsed, bool bar) {
  const std::uint64_t done = state.objects.copied + state.objects.skipped;
  const double share = state.objects.listed == 0
                           ? 0
                           : static_cast<double>(done) / static_cast<double>(std::max(done, state.objects.listed));
  std::string text;
  if (bar) {
    const auto filled = static_cast<unsigned>(share * bar_width);
    text = fmt::format("{:#<{}}{:-<{}}  ", "", filled, "", bar_width - filled);
  }
  text += fmt::format("{:.0f} %  {} of {}{} objects  {}", share * 100, count_text(done),
                      state.listing_complete ? "" : "at least ", count_text(state.objects.listed),
                      bytes_text(state.bytes.copied));
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (seconds > 0) text += fmt::format("  {}", rate_text(static_cast<double>(state.objects.copied) / seconds));
  if (state.objects.failed > 0) text += fmt::format("  {} failed", count_text(state.objects.failed));
  return text;
}

// Until the clone has ended; asks it to stop when the user does.
void watch(const CloneCommandSettings& settings, const CloneProgress& progress, ControlSignals& signals,
           std::stop_source& stop, std::future<void>& ended) {
  LiveLine line(!settings.quiet);
  const MonotonicTime begin = system_clock().monotonic_now();
  MonotonicTime last_plain = begin;
  while (ended.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const ControlEvent event = signals.wait(redraw_interval);
    if (event == ControlEvent::stop) {
      stop.request_stop();
      line.clear();
      fmt::print(stderr, "understudy-replay: ending the clone\n");
    }
    if (event == ControlEvent::stop_now) std::_Exit(static_cast<int>(ExitCode::aborted));
    const MonotonicTime now = system_clock().monotonic_now();
    if (line.is_shown()) {
      line.draw_line(progress_text(progress.state(), now - begin, true).substr(0, LiveLine::columns()));
    } else if (!settings.quiet && now - last_plain >= plain_interval) {
      last_plain = now;
      fmt::print(stderr, "{}\n", progress_text(progress.state(), now - begin, false));
    }
  }
}

[[nodiscard]] CloneStep step_of(const CloneCommandSettings& settings, const CloneRequest& request) {
  return [&settings, request](const std::string& name, std::stop_token stop) -> Result<std::string> {
    const auto found = std::ranges::find(request.options.after, name);
    const auto index = static_cast<std::size_t>(found - request.options.after.begin());
    if (index >= settings.after.size()) return fail(ExitCode::configuration, fmt::format("there is no step {}", name));
    const auto route = read_postgres_route(request.destination.database, "", settings.destination_password);
    if (!route) return tl::unexpected(route.error());
    const bool has_folder = !settings.documents_place.starts_with("s3://");
    const std::filesystem::path folder =
        std::filesystem::path(has_folder ? settings.documents_place : default_documents_folder()) / request.id;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
      return fail(ExitCode::output_failed, fmt::format("cannot make '{}': {}", folder.string(), error.message()));
    }
    return run_shell_step(settings.after[index], step_environment(request.id, *route, route->database),
                          (folder / (name + ".txt")).string(), std::move(stop));
  };
}

void print_result(const CloneCommandSettings& settings, const CloneState& state, const CloneManifest& manifest,
                  const DocumentStore& documents, Nanoseconds elapsed) {
  if (settings.json) {
    JsonWriter json;
    json.begin_object().key("State").raw(to_json(state));
    json.member("ElapsedSeconds", std::chrono::duration<double>(elapsed).count());
    json.member("Documents", std::string_view(documents.display()));
    json.member("Manifest", std::string_view(clone_response_key(manifest.id))).end_object();
    fmt::print("{}\n", json.take());
    return;
  }
  for (const std::string& note : state.errors) fmt::print(stderr, "{}\n", note);
  fmt::print("clone {} succeeded in {}: {} objects copied ({}), {} skipped, {} segments; {} has {}\n", manifest.id,
             duration_text(elapsed), count_text(state.objects.copied), bytes_text(state.bytes.copied),
             count_text(state.objects.skipped), count_text(manifest.segment_count), documents.display(),
             clone_response_key(manifest.id));
}

// The clone's request, which another machine has written down.
[[nodiscard]] Result<CloneRequest> shared_request(const CloneCommandSettings& settings, DocumentStore& documents) {
  const std::string& id = settings.request.id;
  const auto text = documents.read(clone_request_key(id));
  if (!text) return tl::unexpected(text.error());
  if (!*text) {
    return fail(ExitCode::usage, fmt::format("--join: {} has no clone with the Id {}", documents.display(), id));
  }
  auto request = read_clone_request_document(**text);
  if (request) request->options.workers = settings.request.options.workers;
  return request;
}

}  // namespace

Result<ExitCode> run_clone_command(const CloneCommandSettings& settings) {
  auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  std::stop_source stop;
  auto documents = open_documents(settings, stop.get_token());
  if (!documents) return tl::unexpected(documents.error());
  CloneRequest request = settings.request;
  if (settings.join) {
    auto shared = shared_request(settings, **documents);
    if (!shared) return tl::unexpected(shared.error());
    request = std::move(*shared);
  }
  const bool is_bucket = request.source.kind == CloneKind::s3;
  if (!is_bucket && settings.join) return fail(ExitCode::usage, "--join is for clones of buckets");
  const CloneRunner runner = is_bucket ? bucket_clone() : postgres_clone({"", "", settings.end_sessions});
  CloneProgress progress(request.id, system_clock());
  const CloneContext context{
      access_of(settings, request), step_of(settings, request), **documents, progress, system_clock(), settings.join};
  if (!settings.quiet) {
    fmt::print(stderr, "clone {}, documents in {}\n", request.id, (*documents)->display());
  }
  const MonotonicTime begin = system_clock().monotonic_now();
  Result<CloneManifest> manifest = fail(ExitCode::internal, "the clone did not run");
  {
    std::packaged_task<void()> run([&] { manifest = runner(request, context, stop.get_token()); });
    std::future<void> ended = run.get_future();
    const std::jthread thread(std::move(run));
    watch(settings, progress, **signals, stop, ended);
    ended.get();
  }
  const CloneState state = progress.state();
  if (manifest) {
    print_result(settings, state, *manifest, **documents, system_clock().monotonic_now() - begin);
    return ExitCode::ok;
  }
  if (settings.json) fmt::print("{{\"State\":{}}}\n", to_json(state));
  Error error = manifest.error();
  if (error.code == ExitCode::aborted || error.code == ExitCode::clone_failed ||
      error.code == ExitCode::target_invalid) {
    error.message += fmt::format("; {} objects are copied; go on with the same command and {} {}",
                                 count_text(state.objects.copied), settings.join ? "--join" : "--id", request.id);
  }
  return tl::unexpected(error);
}

}  // namespace understudy
