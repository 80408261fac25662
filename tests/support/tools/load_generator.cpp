#include "tests/support/tools/load_generator.hpp"

#include <fmt/format.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <utility>

namespace understudy::tools {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
// Requests that fall due within one quantum are sent together: a wake-up for each would cost more than the sending.
constexpr std::uint64_t quantum_ns = 200'000;

std::uint64_t content_length(std::string_view head) {
  constexpr std::string_view name = "content-length:";
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    if (head.size() > at + 2 + name.size() && strncasecmp(head.data() + at + 2, name.data(), name.size()) == 0) {
      std::string_view value = head.substr(at + 2 + name.size());
      value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
      std::uint64_t length = 0;
      std::from_chars(value.data(), value.data() + value.size(), length);
      return length;
    }
  }
  return 0;
}

std::uint64_t tag(std::size_t index, std::uint32_t serial) { return (std::uint64_t{serial} << 32) | index; }

std::uint32_t quantile(const std::vector<std::uint32_t>& sorted, double q) {
  if (sorted.empty()) {
    return 0;
  }
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

}  // namespace

LoadGenerator::LoadGenerator(LoadOptions options)
    : options_(std::move(options)),
      mix_(options_.mix, options_.seed),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      slots_(options_.connections),
      sent_ns_(options_.count) {
  latency_us_.reserve(options_.count);
  for (std::size_t i = slots_.size(); i > 0; --i) {
    idle_.push_back(i - 1);
  }
}

std::uint64_t LoadGenerator::due_of(std::uint64_t sequence) const {
  return options_.rate <= 0
             ? start_ns_
             : start_ns_ + static_cast<std::uint64_t>(static_cast<double>(sequence) * 1e9 / options_.rate);
}

std::string LoadGenerator::run() {
  start_ns_ = monotonic_ns();
  const auto deadline = start_ns_ + static_cast<std::uint64_t>(options_.deadline_seconds * 1e9);
  while (answered_ + failed_ < options_.count && monotonic_ns() < deadline) {
    hand_out();
    const std::uint64_t now = monotonic_ns();
    int wait_us = 100'000;
    if (handed_out_ < options_.count && !idle_.empty()) {
      const std::uint64_t due = std::max(due_of(handed_out_), now + quantum_ns);
      wait_us = static_cast<int>(std::min<std::uint64_t>((due - now) / 1000, 100'000));
    }
    wait(wait_us);
  }
  const double seconds = static_cast<double>(monotonic_ns() - start_ns_) / 1e9;
  if (!options_.sent_file.empty()) {
    write_sent_file();
  }
  return result_json(seconds);
}

void LoadGenerator::hand_out() {
  const std::uint64_t now = monotonic_ns();
  while (handed_out_ < options_.count && !idle_.empty() && due_of(handed_out_) <= now) {
    const std::size_t index = idle_.back();
    idle_.pop_back();
    give(index, now);
  }
}

// Takes the next requests that are due onto an idle slot. A request with its own connection goes alone.
void LoadGenerator::give(std::size_t index, std::uint64_t now_ns) {
  Slot& slot = slots_[index];
  for (unsigned i = 0; i < options_.pipeline && handed_out_ < options_.count; ++i) {
    const std::uint64_t due = due_of(handed_out_);
    const std::uint64_t id = options_.first_id + handed_out_;
    const RequestKind& kind = mix_.kind_of(id);
    const bool alone = kind.own_connection || kind.waits_for_continue;
    if (i > 0 && (due > now_ns || alone)) {
      break;
    }
    if (kind.own_connection) {
      slot.fd.reset();
    }
    slot.own_connection = kind.own_connection;
    mix_.append_request(id, options_.host, slot.out, slot.held_body);
    slot.pending.push_back({id, options_.rate > 0 ? due : now_ns});
    ++handed_out_;
    if (alone) {
      break;
    }
  }
  if (!slot.fd.valid()) {
    slot.fd = connect_to(options_.to);
    if (!slot.fd.valid()) {
      break_off(index);
      return;
    }
    ++slot.serial;
    ++reconnects_;
    watch(epoll_.get(), slot.fd.get(), EPOLLIN | EPOLLOUT, tag(index, slot.serial));
    return;
  }
  write_to(index);
}

void LoadGenerator::write_to(std::size_t index) {
  Slot& slot = slots_[index];
  while (slot.out_done < slot.out.size()) {
    const std::uint64_t now = wall_ns();
    const ssize_t sent =
        send(slot.fd.get(), slot.out.data() + slot.out_done, slot.out.size() - slot.out_done, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN || errno == ENOTCONN) {
        rewatch(epoll_.get(), slot.fd.get(), EPOLLIN | EPOLLOUT, tag(index, slot.serial));
      } else {
        break_off(index);
      }
      return;
    }
    slot.out_done += static_cast<std::size_t>(sent);
    for (const Pending& pending : slot.pending) {
      sent_ns_[pending.id - options_.first_id] = now;  // the last write of the request is what stays
    }
  }
  if (!slot.out.empty()) {
    slot.out.clear();
    slot.out_done = 0;
    rewatch(epoll_.get(), slot.fd.get(), EPOLLIN, tag(index, slot.serial));
  }
}

void LoadGenerator::read_from(std::size_t index) {
  static std::array<char, 65536> buffer;
  Slot& slot = slots_[index];
  const ssize_t got = recv(slot.fd.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return;
  }
  if (got <= 0) {
    break_off(index);
    return;
  }
  slot.in.append(buffer.data(), static_cast<std::size_t>(got));
  const bool was_busy = !slot.pending.empty();
  if (!take_answers(slot)) {
    break_off(index);
    return;
  }
  if (!slot.out.empty()) {
    write_to(index);
  }
  if (was_busy && slot.pending.empty() && slot.skip == 0) {
    release(index);
  }
}

bool LoadGenerator::take_answers(Slot& slot) {
  while (!slot.in.empty()) {
    if (slot.skip > 0) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(slot.skip, slot.in.size()));
      slot.in.erase(0, take);
      slot.skip -= take;
      if (slot.skip == 0) {
        answered(slot);
      }
      continue;
    }
    const auto end = slot.in.find("\r\n\r\n");
    if (end == std::string::npos) {
      return slot.in.size() < 65536;
    }
    if (!take_head(slot, end)) {
      return false;
    }
  }
  return true;
}

bool LoadGenerator::take_head(Slot& slot, std::size_t end) {
  const std::string_view head = std::string_view(slot.in).substr(0, end + 2);
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || slot.pending.empty()) {
    return false;
  }
  const bool interim = head[9] == '1';
  const bool good = head[9] == '2';
  const bool no_body = mix_.kind_of(slot.pending.front().id).form == RequestKind::Form::head;
  const std::uint64_t length = content_length(head);
  slot.in.erase(0, end + 4);
  if (interim) {
    slot.out += std::exchange(slot.held_body, {});
    return true;
  }
  bad_status_ += good ? 0 : 1;
  slot.held_body.clear();
  slot.skip = no_body ? 0 : length;
  if (slot.skip == 0) {
    answered(slot);
  }
  return true;
}

void LoadGenerator::answered(Slot& slot) {
  const std::uint64_t now = monotonic_ns();
  const Pending done = slot.pending.front();
  slot.pending.pop_front();
  ++answered_;
  latency_us_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>((now - done.due_ns) / 1000, 0xffffffffU)));
}

void LoadGenerator::break_off(std::size_t index) {
  Slot& slot = slots_[index];
  failed_ += slot.pending.size();
  const bool was_busy = !slot.pending.empty();
  slot.fd.reset();
  slot.pending.clear();
  slot.out.clear();
  slot.in.clear();
  slot.held_body.clear();
  slot.out_done = 0;
  slot.skip = 0;
  if (was_busy) {
    release(index);
  }
}

void LoadGenerator::release(std::size_t index) {
  Slot& slot = slots_[index];
  if (slot.own_connection) {
    slot.fd.reset();
    slot.own_connection = false;
  }
  idle_.push_front(index);  // the one that rested longest is next, so that all connections are used
}

void LoadGenerator::wait(int timeout_us) {
  std::array<epoll_event, 256> events{};
  const timespec timeout{timeout_us / 1'000'000, long{timeout_us % 1'000'000} * 1000};
  const int ready = epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    const auto index = static_cast<std::size_t>(event.data.u64 & 0xffffffffU);
    const auto current = [&] { return slots_[index].fd.valid() && slots_[index].serial == event.data.u64 >> 32; };
    if (current() && (event.events & EPOLLOUT) != 0U) {
      write_to(index);
    }
    if (current() && (event.events & ~std::uint32_t{EPOLLOUT}) != 0U) {
      read_from(index);
    }
  }
}

std::string LoadGenerator::result_json(double seconds) const {
  std::vector<std::uint32_t> sorted = latency_us_;
  std::sort(sorted.begin(), sorted.end());
  return fmt::format(
      R"({{"count":{},"answered":{},"failed":{},"unanswered":{},"bad_status":{},"connections_opened":{},"seconds":{:.3f},)"
      R"("rate":{:.1f},"latency_us":{{"p50":{},"p90":{},"p99":{},"p999":{},"max":{}}}}})",
      options_.count, answered_, failed_, options_.count - answered_ - failed_, bad_status_, reconnects_, seconds,
      static_cast<double>(answered_) / std::max(seconds, 1e-9), quantile(sorted, 0.5), quantile(sorted, 0.9),
      quantile(sorted, 0.99), quantile(sorted, 0.999), sorted.empty() ? 0 : sorted.back());
}

void LoadGenerator::write_sent_file() const {
  std::FILE* file = std::fopen(options_.sent_file.c_str(), "wb");
  if (file == nullptr ||
      std::fwrite(sent_ns_.data(), sizeof(std::uint64_t), sent_ns_.size(), file) != sent_ns_.size() ||
      std::fclose(file) != 0) {
    die("cannot write " + options_.sent_file);
  }
}

}  // namespace understudy::tools
