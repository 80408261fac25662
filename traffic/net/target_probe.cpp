#include "traffic/net/target_probe.hpp"

#include <fmt/format.h>

#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <future>
#include <memory>

#include "traffic/net/connection.hpp"
#include "traffic/net/event_loop.hpp"
#include "traffic/net/resolver.hpp"
#include "traffic/net/sender.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds deadline_check_interval = std::chrono::milliseconds(50);

std::string request_head(const ProbeOptions& options) {
  const TargetUrl& target = options.target;
  std::string head =
      fmt::format("HEAD {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\n{}",
                  target.base_path.empty() ? "/" : target.base_path, target.host_field(), options.extra_fields);
  if (target.credentials) head += fmt::format("Authorization: {}\r\n", target.credentials->basic_authorization());
  return head + "Connection: close\r\n\r\n";
}

ProbeStep step_of(LossReason reason) {
  switch (reason) {
    case LossReason::proxy_refused: return ProbeStep::tunnel;
    case LossReason::tls_failed: return ProbeStep::tls;
    default: return ProbeStep::connection;
  }
}

// Everything on the loop's thread, except the constructor.
class Probe final : private ConnectionOwner {
 public:
  Probe(EventLoop& loop, const ProbeOptions& options, std::shared_ptr<TlsContext> tls, std::promise<ProbeReport> result)
      : options_(options),
        sender_options_(make_sender_options(options, std::move(tls))),
        resolver_(loop, system_clock(), peer().host, options.connect_timeout),
        timer_(loop.context()),
        shared_(std::make_shared<ConnectionContext>(loop.context(), system_clock(), sender_options_,
                                                    static_cast<ConnectionOwner&>(*this))),
        connection_(std::make_shared<Connection>(shared_, 0)),
        result_(std::move(result)) {}
  ~Probe() override { connection_->close(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start() {
    started_ = system_clock().monotonic_now();
    watch_deadlines();
    resolver_.resolve([this](const Result<Resolver::Addresses>& addresses) { on_addresses(addresses); });
  }

 private:
  static SenderOptions make_sender_options(const ProbeOptions& options, std::shared_ptr<TlsContext> tls) {
    SenderOptions sender;
    sender.target = options.target;
    sender.proxy = options.proxy;
    sender.tls = std::move(tls);
    sender.connect_timeout = options.connect_timeout;
    sender.response_timeout = options.response_timeout;
    return sender;
  }
  [[nodiscard]] const TargetUrl& peer() const { return options_.proxy ? *options_.proxy : options_.target; }

  void on_addresses(const Result<Resolver::Addresses>& addresses) {
    if (finished_) return;
    if (!addresses) return fail_at(ProbeStep::name, addresses.error().message);
    report_.addresses = *addresses;
    connection_->open(*addresses, peer().port);
  }

  // No timer belongs to a connection or a lookup; the owner looks after both.
  void watch_deadlines() {
    timer_.expires_after(deadline_check_interval);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error || finished_) return;
      const MonotonicTime now = system_clock().monotonic_now();
      connection_->check_deadline(now);
      if (report_.addresses.empty() && now - started_ > options_.connect_timeout) {
        fail_at(ProbeStep::name,
                fmt::format("the name '{}' was not resolved in {} s; check this host's name service", peer().host,
                            std::chrono::duration<double>(options_.connect_timeout).count()));
      }
      if (!finished_) watch_deadlines();
    });
  }

  void on_connected(Connection& connection) override {
    const MonotonicTime now = system_clock().monotonic_now();
    report_.connected_to = connection.address();
    report_.connect_time = now - started_;
    if (connection.tls() != nullptr) {
      report_.tls_version = connection.tls()->version();
      report_.certificates = peer_certificates(connection.tls()->native());
    }
    if (!options_.send_request) return finish();
    OutboundRequest& request = connection.request();
    request.head = request_head(options_);
    request.is_head = true;
    request.asks_for_close = true;
    if (!connection.send(now)) fail_at(ProbeStep::request, "the connection was closed before a request could be sent");
  }

  void on_connect_failed(Connection& connection, const ConnectionFailure& failure) override {
    if (failure.reason != LossReason::connect_failed) report_.connected_to = connection.address();
    fail_at(step_of(failure.reason), failure.text);
  }

  void on_response(Connection& connection, int status) override {
    report_.status = status;
    report_.response_time = system_clock().monotonic_now() - connection.sent_at();
    finish();
  }

  void on_request_failed(Connection& /*connection*/, const ConnectionFailure& failure) override {
    fail_at(ProbeStep::request, failure.text);
  }

  void on_idle_closed(Connection& /*connection*/) override {}  // after the answer; nothing is sent any more

  void fail_at(ProbeStep step, std::string text) {
    report_.failed_at = step;
    report_.failure = std::move(text);
    finish();
  }

  void finish() {
    if (std::exchange(finished_, true)) return;
    timer_.cancel();
    result_.set_value(std::move(report_));
  }

  const ProbeOptions& options_;
  const SenderOptions sender_options_;
  Resolver resolver_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<ConnectionContext> shared_;
  std::shared_ptr<Connection> connection_;
  std::promise<ProbeReport> result_;
  ProbeReport report_;
  MonotonicTime started_{};
  bool finished_ = false;
};

}  // namespace

ProbeReport probe_target(const ProbeOptions& options) {
  std::shared_ptr<TlsContext> tls;
  if (options.target.is_tls) {
    Result<std::shared_ptr<TlsContext>> created = TlsContext::create(options.tls, options.target.host);
    if (!created) {
      ProbeReport report;
      report.failed_at = ProbeStep::tls;
      report.failure = created.error().message;
      return report;
    }
    tls = std::move(*created);
  }
  std::promise<ProbeReport> promise;
  std::future<ProbeReport> result = promise.get_future();
  EventLoop loop;
  std::optional<Probe> probe;
  loop.run([&] {
    probe.emplace(loop, options, std::move(tls), std::move(promise));
    probe->start();
  });
  ProbeReport report = result.get();
  loop.run([&] { probe.reset(); });
  return report;
}

}  // namespace understudy
