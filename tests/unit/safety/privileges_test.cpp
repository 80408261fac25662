#include "agent/safety/privileges.hpp"

#include <arpa/inet.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>

#include "agent/safety/socket_table.hpp"

namespace understudy {
namespace {

// Runs `body` in a child process, since what it gives up is gone for good. The child's failures are the test's.
void in_child(const std::function<std::string()>& body) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string complaint = body();
    const auto written = ::write(ends[1], complaint.data(), complaint.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string complaint;
  char buffer[512];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    complaint.append(buffer, static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(complaint, "");
}

// "CapEff" and its like, from the kernel's own account.
std::string status_field(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return line.substr(line.find_first_not_of(" \t", name.size() + 1));
  }
  return "?";
}

bool can_open_packet_socket() {
  const int socket = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

#define COMPLAIN_UNLESS(condition) \
  if (!(condition)) return std::string(#condition)

constexpr const char* none = "0000000000000000";
constexpr const char* net_raw = "0000000000002000";

class PrivilegesAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    if (!has_capture_capability()) GTEST_SKIP() << "needs CAP_NET_RAW";
  }
};

TEST_F(PrivilegesAsRoot, OnlyTheCaptureCapabilityIsLeft) {
  in_child([]() -> std::string {
    const Result<PrivilegeReport> report = drop_privileges({});
    if (!report) return report.error().message;
    COMPLAIN_UNLESS(report->user_changed && report->kept_capture);
    COMPLAIN_UNLESS(::getuid() == 65534 && ::geteuid() == 65534 && ::getegid() != 0);
    COMPLAIN_UNLESS(::getgroups(0, nullptr) == 0);
    COMPLAIN_UNLESS(status_field("CapEff") == net_raw && status_field("CapPrm") == net_raw);
    COMPLAIN_UNLESS(status_field("CapInh") == none && status_field("CapAmb") == none && status_field("CapBnd") == none);
    COMPLAIN_UNLESS(status_field("NoNewPrivs") == "1");
    COMPLAIN_UNLESS(::setuid(0) != 0 && ::seteuid(0) != 0 && ::setgid(0) != 0);
    COMPLAIN_UNLESS(has_capture_capability() && can_open_packet_socket());  // an interface can be opened again
    COMPLAIN_UNLESS(::access("/etc/shadow", R_OK) != 0);
    COMPLAIN_UNLESS(report->text.find("CAP_NET_RAW kept") != std::string::npos);
    return {};
  });
}

TEST_F(PrivilegesAsRoot, NothingIsLeftWhenTheCaptureNeedsNoReopening) {
  in_child([]() -> std::string {
    const Result<PrivilegeReport> report = drop_privileges({"nobody", false});
    if (!report) return report.error().message;
    COMPLAIN_UNLESS(!report->kept_capture && status_field("CapPrm") == none && status_field("CapEff") == none);
    COMPLAIN_UNLESS(!has_capture_capability() && !can_open_packet_socket());
    return {};
  });
}

TEST_F(PrivilegesAsRoot, ThreadsThatComeLaterHaveNoMore) {
  in_child([]() -> std::string {
    if (const auto report = drop_privileges({}); !report) return report.error().message;
    std::string complaint;
    std::thread([&] {
      std::ifstream file("/proc/thread-self/status");
      std::ostringstream all;
      all << file.rdbuf();
      if (all.str().find(std::string("CapEff:\t") + net_raw) == std::string::npos) complaint = all.str();
    }).join();
    return complaint;
  });
}

TEST_F(PrivilegesAsRoot, AProgramThatIsStartedGainsNothing) {
  in_child([]() -> std::string {
    if (const auto report = drop_privileges({}); !report) return report.error().message;
    FILE* const pipe = ::popen("grep -E '^Cap(Eff|Prm|Bnd|Amb)' /proc/self/status | grep -v 0000000000000000", "r");
    char line[128] = {};
    const bool any = std::fgets(line, sizeof line, pipe) != nullptr;
    ::pclose(pipe);
    return any ? line : "";
  });
}

TEST_F(PrivilegesAsRoot, AnUnprivilegedProcessKeepsItsUserAndGivesUpTheRest) {
  in_child([]() -> std::string {
    // As a service manager starts it: an unprivileged user with CAP_NET_RAW.
    if (const auto first = drop_privileges({"daemon", true}); !first) return first.error().message;
    const uid_t before = ::getuid();
    const Result<PrivilegeReport> report = drop_privileges({"nobody", true});
    if (!report) return report.error().message;
    COMPLAIN_UNLESS(!report->user_changed && ::getuid() == before && report->kept_capture);
    const Result<PrivilegeReport> last = drop_privileges({"nobody", false});
    if (!last) return last.error().message;
    COMPLAIN_UNLESS(status_field("CapPrm") == none);
    return {};
  });
}

TEST_F(PrivilegesAsRoot, StayingRootByWishStillGivesUpCapabilities) {
  in_child([]() -> std::string {
    const Result<PrivilegeReport> report = drop_privileges({"", true});
    if (!report) return report.error().message;
    COMPLAIN_UNLESS(::getuid() == 0 && !report->user_changed && status_field("CapEff") == net_raw);
    // Not setgroups(), with which glibc asks every thread, and ends the process when a sanitizer's thread may do it.
    COMPLAIN_UNLESS(::syscall(SYS_setgroups, 0, nullptr) != 0);
    return {};
  });
}

// What the status and the watchdog read must still be there for the new user.
TEST_F(PrivilegesAsRoot, ProcStaysReadable) {
  in_child([]() -> std::string {
    if (const auto report = drop_privileges({"nobody", false}); !report) return report.error().message;
    const std::uint16_t ports[] = {80};
    const Result<PortSockets> sockets = read_port_sockets(ports);
    return sockets ? "" : sockets.error().message;
  });
}

TEST_F(PrivilegesAsRoot, AUserThatDoesNotExistIsAnErrorAndNothingIsGivenUp) {
  in_child([]() -> std::string {
    const Result<PrivilegeReport> report = drop_privileges({"no-such-user-here", true});
    COMPLAIN_UNLESS(!report && report.error().code == ExitCode::usage);
    COMPLAIN_UNLESS(report.error().message.find("no-such-user-here") != std::string::npos);
    COMPLAIN_UNLESS(::getuid() == 0 && ::setgroups(0, nullptr) == 0);
    return {};
  });
}

TEST(Privileges, AnExistingThreadIsRefused) {
  in_child([]() -> std::string {
    std::thread other([] { ::pause(); });
    const Result<PrivilegeReport> report = drop_privileges({});
    COMPLAIN_UNLESS(!report && report.error().code == ExitCode::internal);
    other.detach();
    return {};
  });
}

}  // namespace
}  // namespace understudy
