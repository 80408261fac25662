#include <windows.h>

#include <cmath>

#include "agent/service/job_limits.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {

std::vector<std::string> enter_job(const ServiceLimits& limits) {
  std::vector<std::string> failed;
  const auto note = [&failed](BOOL done, const char* what) {
    if (done == 0) failed.push_back(std::string(what) + ": " + SystemError::last().text());
  };
  // Never closed by hand: closing it ends the job's processes, which the end of this one does.
  const HANDLE job = ::CreateJobObjectW(nullptr, nullptr);
  if (job == nullptr) return {"no job object could be made: " + SystemError::last().text()};

  JOBOBJECT_EXTENDED_LIMIT_INFORMATION extended{};
  extended.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
  if (limits.memory_bytes_max > 0) {
    extended.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
    extended.JobMemoryLimit = limits.memory_bytes_max;
  }
  note(::SetInformationJobObject(job, JobObjectExtendedLimitInformation, &extended, sizeof extended),
       "the limit of memory could not be set");

  if (limits.cpu_fraction_max > 0) {
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION cpu{};
    cpu.ControlFlags = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    cpu.CpuRate = static_cast<DWORD>(std::lround(limits.cpu_fraction_max * 10'000));  // in hundredths of a percent
    note(::SetInformationJobObject(job, JobObjectCpuRateControlInformation, &cpu, sizeof cpu),
         "the limit of CPU time could not be set");
  }
  note(::AssignProcessToJobObject(job, ::GetCurrentProcess()), "the process could not enter its job");
  return failed;
}

}  // namespace understudy
