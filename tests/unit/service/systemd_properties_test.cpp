#include "agent/service/systemd_properties.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(SystemdProperties, ARunningUnit) {
  const ServiceStatus status = status_of(
      "ExecStart={ path=/usr/bin/understudy-agent ; argv[]=/usr/bin/understudy-agent run ; ignore_errors=no }\n"
      "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nMainPID=321\nExecMainPID=321\nExecMainStatus=0\n"
      "Result=success\n");
  EXPECT_EQ(status.state, ServiceState::running);
  EXPECT_EQ(status.start, ServiceStart::automatic);
  EXPECT_EQ(status.pid, 321U);
  EXPECT_EQ(status.program, "/usr/bin/understudy-agent");
  EXPECT_FALSE(status.ended);
  EXPECT_EQ(status.failure, "");
}

TEST(SystemdProperties, AUnitThatIsNotThere) {
  EXPECT_EQ(status_of("LoadState=not-found\nActiveState=inactive\n").state, ServiceState::not_installed);
  EXPECT_EQ(status_of("").state, ServiceState::not_installed);
  EXPECT_EQ(status_of("no line of it\n\n===\n").state, ServiceState::not_installed);
}

TEST(SystemdProperties, AFailedUnitSaysWhy) {
  const ServiceStatus status = status_of(
      "LoadState=loaded\nActiveState=failed\nUnitFileState=disabled\nMainPID=0\nExecMainPID=77\nExecMainStatus=9\n"
      "Result=exit-code\n");
  EXPECT_EQ(status.state, ServiceState::stopped);
  EXPECT_EQ(status.start, ServiceStart::disabled);
  EXPECT_EQ(status.ended, 9U);
  EXPECT_EQ(status.failure, "it ended with exit code 9");
}

TEST(SystemdProperties, AConditionThatIsNotMet) {
  const ServiceStatus status =
      status_of("LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\nMainPID=0\nResult=exec-condition\n");
  EXPECT_EQ(status.state, ServiceState::stopped);
  EXPECT_EQ(status.failure, "neither a shadow nor a recording is set");
  EXPECT_FALSE(status.ended);
}

TEST(SystemdProperties, OnTheWay) {
  EXPECT_EQ(status_of("LoadState=loaded\nActiveState=activating\n").state, ServiceState::starting);
  EXPECT_EQ(status_of("LoadState=loaded\nActiveState=deactivating\n").state, ServiceState::stopping);
}

TEST(SystemdProperties, WhatAFailedSystemctlMeans) {
  EXPECT_TRUE(is_without_systemd("System has not been booted with systemd as init system (PID 1). Can't operate.\n"));
  EXPECT_FALSE(is_without_systemd("Job for understudy-agent.service failed.\n"));
  EXPECT_EQ(systemctl_failure("Failed to start x.service: Access denied\n"), ExitCode::permission);
  EXPECT_EQ(systemctl_failure("Job failed\n"), ExitCode::service_failed);
  EXPECT_EQ(first_line("one\ntwo\n"), "one");
  EXPECT_EQ(first_line(""), "no output");
}

}  // namespace
}  // namespace understudy
