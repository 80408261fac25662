#include "replay/database/sampler.hpp"

#include <algorithm>
#include <exception>

namespace understudy {
namespace {

constexpr Nanoseconds look_timeout = std::chrono::seconds(5);
constexpr std::size_t waiters_max = 200;  // of one look

constexpr const char* blocks_sql = "SELECT blks_read FROM pg_stat_database WHERE datname = current_database()";

// Only sessions that wait are asked who blocks them, since that locks the lock table for a moment.
constexpr const char* locks_sql =
    "SELECT w.query, w.query_id, coalesce(b.query, ''), coalesce(b.query_id, 0), "
    "coalesce(CASE WHEN l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "THEN l.relation::regclass::text END, ''), l.mode, "
    "coalesce(extract(epoch FROM clock_timestamp() - l.waitstart) * 1000, 0) "
    "FROM pg_stat_activity w JOIN pg_locks l ON l.pid = w.pid AND NOT l.granted "
    "LEFT JOIN pg_stat_activity b ON b.pid = (pg_blocking_pids(w.pid))[1] "
    "WHERE w.wait_event_type = 'Lock' AND w.datname = current_database() LIMIT $1::bigint";

}  // namespace

Sampler::Sampler(const ServerHost& host, DatabaseConnectionOptions connection, Nanoseconds period, bool locks,
                 const Clock& clock)
    : host_(host), connection_options_(std::move(connection)), period_(period), locks_(locks), clock_(clock) {}

Sampler::~Sampler() {
  if (thread_.joinable()) (void)stop();
}

void Sampler::start() {
  samples_ = {};
  lock_waits_.clear();
  stopping_ = false;
  last_blocks_.reset();
  DatabaseConnectionOptions options = connection_options_;
  options.statement_timeout = look_timeout;
  auto opened = DatabaseConnection::open(options, clock_);
  connection_.reset();
  if (opened) {
    connection_ = std::move(*opened);
  } else {
    samples_.lost = opened.error();
  }
  if (auto blocks = connection_ ? read_blocks() : fail(ExitCode::database_unfit, ""); blocks) last_blocks_ = *blocks;
  last_device_ = host_.read_device_only();
  began_ = last_ = clock_.monotonic_now();
  thread_ = std::thread([this] { run(); });
}

void Sampler::run() {
  try {
    std::unique_lock lock(mutex_);
    for (Nanoseconds due = period_;; due += period_) {
      const Nanoseconds left = began_ + due - clock_.monotonic_now();
      if (wake_.wait_for(lock, std::max(left, Nanoseconds{}), [this] { return stopping_; })) return;
      lock.unlock();
      take_point();
      lock.lock();
    }
  } catch (const std::exception& error) {
    samples_.lost = Error{ExitCode::internal, error.what()};
  }
}

Samples Sampler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  take_point();
  connection_.reset();
  for (auto& [key, wait] : lock_waits_) samples_.lock_waits.push_back(std::move(wait));
  std::ranges::sort(samples_.lock_waits, std::ranges::greater{}, &LockWait::longest_ms);
  return std::move(samples_);
}

void Sampler::take_point() {
  DeviceSample point;
  const std::optional<DeviceCounters> device = host_.read_device_only();
  const MonotonicTime now = clock_.monotonic_now();
  point.offset = now - began_;
  point.period = now - last_;
  if (device && last_device_) point.device = *device - *last_device_;
  if (connection_) {
    auto blocks = read_blocks();
    if (blocks && last_blocks_) point.blocks_read = *blocks - *last_blocks_;
    if (blocks) last_blocks_ = *blocks;
    auto waiters = blocks && locks_ ? read_lock_waits() : fail(ExitCode::database_unfit, "");
    if (waiters) point.lock_waiters = *waiters;
    if (!connection_->is_alive()) {
      samples_.lost = blocks ? waiters.error() : blocks.error();
      connection_.reset();
    }
  }
  last_device_ = device;
  last_ = now;
  if (samples_.points.size() < points_max) samples_.points.push_back(std::move(point));
}

Result<std::int64_t> Sampler::read_blocks() {
  auto rows = connection_->query(blocks_sql);
  if (!rows) return tl::unexpected(rows.error());
  return rows->size() == 1 ? rows->integer(0, 0) : 0;
}

Result<std::int64_t> Sampler::read_lock_waits() {
  auto rows = connection_->query(locks_sql, {std::to_string(waiters_max)});
  if (!rows) return tl::unexpected(rows.error());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const std::string_view blocking = rows->text(row, 2);
    const LockKey key{class_key(rows->text(row, 0), rows->integer(row, 1)),
                      blocking.empty() ? std::string() : class_key(blocking, rows->integer(row, 3)),
                      std::string(rows->text(row, 4)), std::string(rows->text(row, 5))};
    if (lock_waits_.size() >= lock_waits_max && !lock_waits_.contains(key)) continue;
    LockWait& wait = lock_waits_[key];
    std::tie(wait.waiting_key, wait.blocking_key, wait.relation, wait.mode) = key;
    ++wait.seen;
    wait.longest_ms = std::max(wait.longest_ms, rows->number(row, 6));
  }
  return static_cast<std::int64_t>(rows->size());
}

}  // namespace understudy
