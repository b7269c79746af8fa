#include "spool/table_probe.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pbxbridge::spool {
namespace {

/// Of a child that ends by this signal; 0: by itself.
int status_of(int ending_signal) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (ending_signal == 0) _exit(1);
    std::signal(ending_signal, SIG_DFL);
    raise(ending_signal);
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

TEST(TableProbeTest, AProcessThatWasKilledHasNotCrashed) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) EXPECT_TRUE(has_crashed(status_of(signal)));
  for (const int signal : {SIGKILL, SIGTERM, SIGINT, SIGHUP, 0}) EXPECT_FALSE(has_crashed(status_of(signal)));
}

}  // namespace
}  // namespace pbxbridge::spool
