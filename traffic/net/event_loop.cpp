#include "traffic/net/event_loop.hpp"

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <mutex>
#include <thread>

namespace understudy {

struct EventLoop::Impl {
  // The hint 1 says that one thread runs the loop: it never wakes another one.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::once_flag started;
  std::thread thread;

  void start() {
    std::call_once(started, [this] { thread = std::thread([this] { run(); }); });
  }

  void run() {
    try {
      context.run();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "understudy: the sender thread failed: %s\n", error.what());
      std::abort();
    }
  }
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}

EventLoop::~EventLoop() {
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

void EventLoop::post(std::function<void()> work) {
  impl_->start();
  boost::asio::post(impl_->context, std::move(work));
}

void EventLoop::run(const std::function<void()>& work) {
  impl_->start();
  std::promise<void> done;
  boost::asio::post(impl_->context, [&work, &done] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

boost::asio::io_context& EventLoop::context() { return impl_->context; }

}  // namespace understudy
