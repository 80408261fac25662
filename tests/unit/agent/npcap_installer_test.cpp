#include "agent/npcap_installer.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(NpcapInstaller, KnowsWhatItsExitCodesMean) {
  EXPECT_TRUE(npcap_installer_outcome(0).success);
  EXPECT_FALSE(npcap_installer_outcome(0).needs_restart);
  EXPECT_TRUE(npcap_installer_outcome(3010).success);
  EXPECT_TRUE(npcap_installer_outcome(3010).needs_restart);
  EXPECT_FALSE(npcap_installer_outcome(350).success);
  EXPECT_TRUE(npcap_installer_outcome(350).needs_restart);
  for (const unsigned long failed : {1UL, 2UL, 77UL, 0xc0000005UL}) {
    EXPECT_FALSE(npcap_installer_outcome(failed).success);
    EXPECT_FALSE(npcap_installer_outcome(failed).needs_restart);
    EXPECT_FALSE(npcap_installer_outcome(failed).text.empty());
  }
  EXPECT_NE(npcap_installer_outcome(77).text.find("77"), std::string::npos);
}

#ifndef _WIN32
TEST(NpcapInstaller, IsForWindowsOnly) {
  const auto installed = install_npcap({"npcap.exe", std::string(64, 'a'), {}});
  ASSERT_FALSE(installed);
  EXPECT_EQ(installed.error().code, ExitCode::usage);
}
#endif

}  // namespace
}  // namespace understudy
