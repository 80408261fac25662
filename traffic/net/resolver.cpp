#include "traffic/net/resolver.hpp"

#include <fmt/format.h>

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <mutex>
#include <thread>

namespace understudy {

// Where a lookup's thread leaves its result. Outlives the resolver for as long as the thread needs it.
struct Resolver::Mailbox {
  std::mutex mutex;
  Resolver* owner;  // guarded by mutex; null once the resolver is gone. Its members: only on the loop's thread
};

Result<std::vector<IpAddress>> look_up(const std::string& host) {
  using boost::asio::ip::tcp;
  boost::asio::io_context context(1);
  boost::system::error_code error;
  tcp::resolver resolver(context);
  const auto results = resolver.resolve(host, "", tcp::resolver::numeric_service, error);
  if (error) {
    return fail(ExitCode::target_invalid,
                fmt::format("the name '{}' cannot be resolved: {}; check the name and this host's "
                            "name service",
                            host, error.message()));
  }
  std::vector<IpAddress> addresses;
  for (const auto& entry : results) {
    const auto address = entry.endpoint().address();
    addresses.push_back(address.is_v4() ? IpAddress::v4(address.to_v4().to_bytes().data())
                                        : IpAddress::v6(address.to_v6().to_bytes().data()));
  }
  return addresses;
}

Resolver::Resolver(EventLoop& loop, const Clock& clock, std::string host, Nanoseconds lifetime, LookUp look_up)
    : loop_(loop), clock_(clock), host_(std::move(host)), lifetime_(lifetime), look_up_(std::move(look_up)) {
  if (const auto address = IpAddress::parse(host_)) {
    addresses_.push_back(*address);
    is_literal_ = true;
  }
}

Resolver::~Resolver() {
  if (!mailbox_) return;
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->owner = nullptr;
}

void Resolver::resolve(Callback callback) {
  if (is_literal_ || (!addresses_.empty() && clock_.monotonic_now() < expires_at_)) {
    callback(addresses_);
    return;
  }
  waiting_.push_back(std::move(callback));
  if (waiting_.size() == 1) start();
}

void Resolver::start() {
  mailbox_ = std::make_shared<Mailbox>();
  mailbox_->owner = this;
  std::thread([mailbox = mailbox_, host = host_, look_up = look_up_] {
    auto result = std::make_shared<Result<Addresses>>(look_up(host));
    // Under the lock the resolver, and so the loop, is known to live.
    const std::lock_guard lock(mailbox->mutex);
    if (mailbox->owner == nullptr) return;
    mailbox->owner->loop_.post([mailbox, result] {
      Resolver* owner = nullptr;
      {
        const std::lock_guard inner(mailbox->mutex);
        owner = mailbox->owner;
      }
      if (owner != nullptr) owner->finish(std::move(*result));
    });
  }).detach();
}

void Resolver::finish(Result<Addresses> result) {
  if (result && !result->empty()) {
    addresses_ = std::move(*result);
    expires_at_ = clock_.monotonic_now() + lifetime_;
  }
  const Result<Addresses> answer = addresses_.empty() ? std::move(result) : Result<Addresses>(addresses_);
  for (const Callback& callback : std::exchange(waiting_, {})) callback(answer);
}

}  // namespace understudy
