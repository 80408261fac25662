#include "replay/serve/clone_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replay/environment/payload_reader.hpp"
#include "replay/serve/clone_request_reader.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::string key(std::string_view id, std::string_view name) {
  return fmt::format("{}/{}.json", id, name);
}

[[nodiscard]] std::string order_text(const std::string& body, const std::string& accepted_at) {
  JsonWriter json;
  json.begin_object().member("accepted_at", std::string_view(accepted_at)).member("request", std::string_view(body));
  json.end_object();
  return json.take();
}

// Two requests are the same when all that the contract knows is: order and spaces of the JSON do not count.
[[nodiscard]] bool is_same(const CloneRequest& a, const CloneRequest& b) {
  const auto one = to_json(a);
  const auto other = to_json(b);
  return one && other && *one == *other;
}

[[nodiscard]] const std::string& place_of(const CloneEndpoint& side) {
  return side.kind == CloneKind::s3 ? side.bucket : side.database;
}

}  // namespace

CloneDesk::CloneDesk(CloneDeskOptions options, StateFolder& folder, const Clock& clock)
    : options_(std::move(options)), folder_(folder), clock_(clock) {}

Result<std::unique_ptr<CloneDesk>> CloneDesk::open(CloneDeskOptions options, StateFolder& folder, const Clock& clock) {
  std::unique_ptr<CloneDesk> desk(new CloneDesk(std::move(options), folder, clock));
  auto ids = folder.clone_ids();
  if (!ids) return tl::unexpected(ids.error());
  std::ranges::sort(*ids);
  for (const std::string& id : *ids) {
    if (auto loaded = desk->load(id); !loaded) return tl::unexpected(loaded.error());
  }
  for (std::size_t i = 0; i < desk->options_.at_once; ++i)
    desk->threads_.emplace_back([&desk = *desk] { desk.work(); });
  return desk;
}

CloneDesk::~CloneDesk() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [id, entry] : entries_) entry->stop.request_stop();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<void> CloneDesk::load(const std::string& id) {
  DocumentStore& documents = folder_.clones();
  const auto order = documents.read(key(id, "order"));
  if (!order) return tl::unexpected(order.error());
  if (!*order) return {};  // documents of somebody else
  PayloadReader reader("the order", **order);
  const std::string accepted_at = reader.text("accepted_at");
  const std::string body = reader.text("request");
  const auto request = reader.error() ? Result<CloneRequest>(tl::unexpected(*reader.error())) : read_clone_body(body);
  if (!request) {
    return fail(ExitCode::configuration, fmt::format("cannot read {} in {}: {}", key(id, "order"), documents.display(),
                                                     request.error().message));
  }
  auto entry = std::make_shared<Entry>(*request, clock_);
  const auto last = documents.read(key(id, "state"));
  if (!last) return tl::unexpected(last.error());
  if (*last) {
    auto state = read_clone_state(**last);
    if (!state) return tl::unexpected(state.error());
    entry->last = std::move(*state);
  } else {
    entry->progress.update([&](CloneState& state) { state.started_at = accepted_at; });
    const auto cancelled = documents.read(key(id, "cancel"));
    if (!cancelled) return tl::unexpected(cancelled.error());
    entry->cancelled = cancelled->has_value();
    if (entry->cancelled) entry->stop.request_stop();
    waiting_.push_back(entry);
    log_info("a clone goes on", {{"id", id}, {"cancelled", entry->cancelled}});
  }
  entries_.emplace(id, std::move(entry));
  return {};
}

Result<CloneDesk::Outcome> CloneDesk::place(const CloneRequest& request) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(request.id);
  if (found != entries_.end()) {
    return is_same(found->second->request, request) ? Outcome::known : Outcome::conflict;
  }
  if (const auto resolved = options_.resolve(request); !resolved) return tl::unexpected(resolved.error());
  if (waiting_.size() >= waiting_max || entries_.size() >= clones_max || stopping_) return Outcome::full;
  const auto body = to_json(request);
  if (!body) return tl::unexpected(body.error());
  auto entry = std::make_shared<Entry>(request, clock_);
  const std::string order = order_text(*body, entry->progress.state().started_at);
  if (auto written = folder_.clones().write(key(request.id, "order"), order); !written) {
    return tl::unexpected(written.error());
  }
  entries_.emplace(request.id, entry);
  waiting_.push_back(std::move(entry));
  changed_.notify_one();
  return Outcome::accepted;
}

std::shared_ptr<CloneDesk::Entry> CloneDesk::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second;
}

std::optional<CloneState> CloneDesk::state(std::string_view id, Nanoseconds wait) const {
  const std::shared_ptr<Entry> entry = find(id);
  if (entry == nullptr) return std::nullopt;
  return entry->last ? *entry->last : entry->progress.wait_until_final(wait);
}

Result<std::optional<CloneState>> CloneDesk::cancel(std::string_view id) {
  const std::shared_ptr<Entry> entry = find(id);
  if (entry == nullptr) return std::nullopt;
  if (entry->last) return entry->last;
  {
    const std::lock_guard lock(mutex_);
    if (!entry->cancelled && !is_final(entry->progress.state().status)) {
      // Written first: a server that is killed now must not go on with it when it comes back.
      auto written = folder_.clones().write(key(id, "cancel"), R"({"cancelled":true})");
      if (!written) return tl::unexpected(written.error());
      entry->cancelled = true;
    }
  }
  entry->stop.request_stop();
  return entry->progress.state();
}

void CloneDesk::work() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Entry> entry = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    carry_out(*entry);
  }
}

// A server that ends breaks clones off, and their last state is none: the next one goes on.
bool CloneDesk::may_write_final(const Entry& entry) const {
  const std::lock_guard lock(mutex_);
  return !stopping_ || entry.cancelled || entry.progress.state().status == CloneStatus::succeeded;
}

void CloneDesk::carry_out(Entry& entry) {
  const CloneRequest& asked = entry.request;
  log_info("a clone begins", {{"id", asked.id}});
  const CloneContext context{
      options_.access,
      [&](const std::string& name, std::stop_token stop) { return options_.step(asked, name, std::move(stop)); },
      folder_.clones(), entry.progress, clock_};
  try {
    auto resolved = options_.resolve(asked);
    const CloneRunner& runner = asked.source.kind == CloneKind::s3 ? options_.bucket_runner : options_.postgres_runner;
    if (!resolved) {  // the settings changed since it was accepted
      entry.progress.add_error(resolved.error().message);
      entry.progress.set_status(CloneStatus::failed);
    } else if (const auto done = runner(*resolved, context, entry.stop.get_token()); !done) {
      log_warning("a clone did not succeed", {{"id", asked.id}, {"reason", done.error().message}});
    }
  } catch (const std::exception& error) {
    entry.progress.add_error(fmt::format("an unexpected error: {}", error.what()));
    entry.progress.set_status(CloneStatus::failed);
  }
  const CloneState state = entry.progress.state();
  if (!may_write_final(entry)) return;
  log_info("a clone ended", {{"id", asked.id}, {"status", to_string(state.status)}});
  if (auto written = folder_.clones().write(key(asked.id, "state"), to_json(state)); !written) {
    log_error("the last state of a clone cannot be written", {{"id", asked.id}, {"reason", written.error().message}});
  }
}

Result<std::string> CloneDesk::manifest(std::string_view id) const {
  DocumentStore& documents = folder_.clones();
  const auto whole = documents.read(clone_response_key(id));
  if (!whole) return tl::unexpected(whole.error());
  if (*whole) return std::move(**whole);
  const std::shared_ptr<Entry> entry = find(id);
  CloneManifest manifest{std::string(id), place_of(entry->request.source), place_of(entry->request.destination), 0, {}};
  const std::string prefix = fmt::format("{}/segments/", id);
  for (std::string after;;) {
    const auto keys = documents.list(prefix, after);
    if (!keys) return tl::unexpected(keys.error());
    for (const std::string& found : *keys) {
      if (found.ends_with(".response.json")) manifest.segment_keys.push_back(found);
    }
    if (keys->empty()) break;
    after = keys->back();
  }
  manifest.segment_count = manifest.segment_keys.size();
  return to_json(manifest);
}

Result<std::optional<std::string>> CloneDesk::segment(std::string_view id, std::uint64_t number) const {
  return folder_.clones().read(segment_response_key(id, number));
}

}  // namespace understudy
