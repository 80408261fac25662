#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/middleware/middleware_child.hpp"

extern char** environ;

namespace understudy {
namespace {

constexpr std::size_t read_size = std::size_t{64} << 10U;
constexpr auto end_wait = std::chrono::seconds(1);
constexpr auto end_step = std::chrono::milliseconds(5);

void close_end(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

int milliseconds_of(Nanoseconds timeout) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(std::max(timeout, Nanoseconds(0))).count();
  return static_cast<int>(std::min<std::int64_t>(milliseconds, 60'000));
}

// A pipe of which the child gets one end.
struct Pipe {
  int ours = -1;
  int theirs = -1;

  [[nodiscard]] bool open(bool child_reads) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    ours = ends[child_reads ? 1 : 0];
    theirs = ends[child_reads ? 0 : 1];
    return ::fcntl(ours, F_SETFL, O_NONBLOCK) == 0;
  }
  void close() {
    close_end(ours);
    close_end(theirs);
  }
};

// Spawns into a group of its own, with the signals that this program handles as they are by default.
int spawn(const std::vector<std::string>& arguments, const std::array<Pipe, 3>& pipes, pid_t& pid) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; ++i) {
    posix_spawn_file_actions_adddup2(&actions, pipes[static_cast<std::size_t>(i)].theirs, i);
  }
  // Descriptors of libraries, such as those of libpcap, are not all closed on exec; a capture is none of its business.
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigset_t nothing;
  sigemptyset(&nothing);
  sigemptyset(&all);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&all, signal);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &nothing);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const int error = ::posix_spawnp(&pid, words[0], &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

MiddlewareChild::Transfer read_from(int descriptor, std::string& out) {
  if (descriptor < 0) return MiddlewareChild::Transfer::closed;
  const std::size_t before = out.size();
  out.resize(before + read_size);
  const ssize_t count = ::read(descriptor, out.data() + before, read_size);
  out.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
  if (count > 0) return MiddlewareChild::Transfer::some;
  const bool can_go_on = count < 0 && (errno == EAGAIN || errno == EINTR);
  return can_go_on ? MiddlewareChild::Transfer::later : MiddlewareChild::Transfer::closed;
}

}  // namespace

class MiddlewareChild::Impl {
 public:
  Impl(pid_t pid, int input, int output, int errors) : pid_(pid), input_(input), output_(output), errors_(errors) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] bool has_ended();

  const pid_t pid_;
  int input_;
  int output_;
  int errors_;
  bool ended_ = false;
  int status_ = 0;
};

Result<std::unique_ptr<MiddlewareChild>> MiddlewareChild::start(const std::vector<std::string>& arguments) {
  CHECK(!arguments.empty());
  std::array<Pipe, 3> pipes;
  const bool opened = pipes[0].open(true) && pipes[1].open(false) && pipes[2].open(false);
  pid_t pid = -1;
  const int error = opened ? spawn(arguments, pipes, pid) : errno;
  if (error != 0) {
    for (Pipe& pipe : pipes) pipe.close();
    return fail(ExitCode::configuration,
                fmt::format("cannot start '{}': {}; check its name and that it may be executed", arguments[0],
                            std::generic_category().message(error)));
  }
  for (Pipe& pipe : pipes) close_end(pipe.theirs);
  auto impl = std::make_unique<Impl>(pid, pipes[0].ours, pipes[1].ours, pipes[2].ours);
  return std::unique_ptr<MiddlewareChild>(new MiddlewareChild(std::move(impl)));
}

MiddlewareChild::MiddlewareChild(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MiddlewareChild::~MiddlewareChild() = default;

MiddlewareChild::Impl::~Impl() {
  close_end(input_);
  close_end(output_);
  close_end(errors_);
  ::kill(-pid_, SIGTERM);
  const auto give_up_at = std::chrono::steady_clock::now() + end_wait;
  while (!has_ended() && std::chrono::steady_clock::now() < give_up_at) std::this_thread::sleep_for(end_step);
  ::kill(-pid_, SIGKILL);
  if (!ended_) ::waitpid(pid_, nullptr, 0);
}

bool MiddlewareChild::Impl::has_ended() {
  ended_ = ended_ || ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return ended_;
}

MiddlewareChild::Transfer MiddlewareChild::write_input(std::string_view& bytes) {
  if (impl_->input_ < 0) return Transfer::closed;
  const ssize_t count = ::write(impl_->input_, bytes.data(), bytes.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR ? Transfer::later : Transfer::closed;
  bytes.remove_prefix(static_cast<std::size_t>(count));
  return Transfer::some;
}

void MiddlewareChild::close_input() { close_end(impl_->input_); }

MiddlewareChild::Transfer MiddlewareChild::read_output(std::string& out) { return read_from(impl_->output_, out); }

MiddlewareChild::Transfer MiddlewareChild::read_errors(std::string& out) {
  const Transfer transfer = read_from(impl_->errors_, out);
  if (transfer == Transfer::closed) close_end(impl_->errors_);  // it may close its log and live
  return transfer;
}

void MiddlewareChild::wait(bool wants_to_write, NativeHandle wake, Nanoseconds timeout) const {
  // poll() passes over negative descriptors.
  std::array<pollfd, 4> wanted{{{impl_->output_, POLLIN, 0},
                                {impl_->errors_, POLLIN, 0},
                                {wants_to_write ? impl_->input_ : -1, POLLOUT, 0},
                                {wake, POLLIN, 0}}};
  static_cast<void>(::poll(wanted.data(), wanted.size(), milliseconds_of(timeout)));
}

std::string MiddlewareChild::end_text() {
  const auto give_up_at = std::chrono::steady_clock::now() + end_wait;
  while (!impl_->has_ended() && std::chrono::steady_clock::now() < give_up_at) std::this_thread::sleep_for(end_step);
  if (!impl_->ended_) return "it closed its standard output";
  if (WIFSIGNALED(impl_->status_)) return fmt::format("it was ended by signal {}", WTERMSIG(impl_->status_));
  return fmt::format("it ended with exit code {}", WEXITSTATUS(impl_->status_));
}

void block_pipe_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

WakeEvent::WakeEvent() {
  std::array<int, 2> ends{};
  CHECK(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  waited_for_ = ends[0];
  signalled_ = ends[1];
}

WakeEvent::~WakeEvent() {
  ::close(waited_for_);
  ::close(signalled_);
}

void WakeEvent::wake() const {
  // A full pipe wakes as well.
  static_cast<void>(::write(signalled_, "", 1) == 1);
}

void WakeEvent::clear() const {
  std::array<char, 256> taken{};
  while (::read(waited_for_, taken.data(), taken.size()) > 0) {
  }
}

void WakeEvent::wait(Nanoseconds timeout) const {
  pollfd wanted{waited_for_, POLLIN, 0};
  static_cast<void>(::poll(&wanted, 1, milliseconds_of(timeout)));
}

}  // namespace understudy
