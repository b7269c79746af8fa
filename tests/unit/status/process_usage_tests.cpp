#include "status/process_usage.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace pbxbridge::status {
namespace {

TEST(ProcessUsage, CountsWhatThisProcessUses) {
  const ProcessUsage before = process_usage();
  EXPECT_GT(before.resident_bytes, 100'000U);
  EXPECT_GE(before.open_files, 3U);
  EXPECT_GE(before.open_files_limit, before.open_files);
  std::vector<int> files;
  for (int i = 0; i < 10; ++i) files.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(process_usage().open_files, before.open_files + 10);
  for (const int file : files) close(file);
  EXPECT_GE(process_usage().cpu_seconds, before.cpu_seconds);
}

}  // namespace
}  // namespace pbxbridge::status
