// The preloaded library does what its rules say, shown on programs of the system.

#include "support/disk_faults.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int killed = 128 + 9;

class DiskFaultsTest : public testing::Test {
 protected:
  /// A shell's `command` in a fresh directory with these faults; its exit code.
  int run(const std::string& rules, const std::string& command) {
    faults_.emplace(rules, directory_.path());
    faults_->begin();
    Process process({"dd", "of=" + file().string(), "bs=4", "status=none"},
                    {.environment = faults_->environment(), .working_directory = {}, .network_namespace = {}});
    process.write_line(command);
    process.close_input();
    const int code = process.wait().value_or(-1);
    said_ = process.transcript();
    return code;
  }
  std::filesystem::path file() const { return directory_ / "file.log"; }
  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(file()).rdbuf();
    return text.str();
  }

  TemporaryDirectory directory_;
  std::optional<DiskFaults> faults_;
  std::string said_;
};

TEST_F(DiskFaultsTest, EndsAProcessBeforeAfterAndAmidAWrite) {
  EXPECT_EQ(run("write .log 2 kill-before", "aaaabbbbccc"), killed);
  EXPECT_EQ(content(), "aaaa");
  EXPECT_EQ(run("write .log 2 kill-after", "aaaabbbbccc"), killed);
  EXPECT_EQ(content(), "aaaabbbb");
  EXPECT_EQ(run("write .log 2 kill-half", "aaaabbbbccc"), killed);
  EXPECT_EQ(content(), "aaaabb");
  EXPECT_THAT(faults_->action(), HasSubstr("file.log: kill-half"));
}

TEST_F(DiskFaultsTest, LetsCallsFailOnceOrForEver) {
  EXPECT_EQ(run("write .log 2+ ENOSPC", "aaaabbbbccc"), 1);
  EXPECT_THAT(said_, HasSubstr("No space left on device"));
  EXPECT_EQ(run("write .log 1 EIO", "aaaabbbbccc"), 1);
  EXPECT_THAT(said_, HasSubstr("Input/output error"));
  EXPECT_EQ(run("write other 1+ EIO", "aaaabbbbccc"), 0) << said_;
}

TEST_F(DiskFaultsTest, TakesItsTime) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run("write .log 1 slow-300", "aaaa"), 0);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
}

TEST_F(DiskFaultsTest, KnowsTheCallsThatADatabaseMakes) {
  for (const auto& [call, statement] : {std::pair{"sync", "os.fsync(f)"},
                                        {"sync", "os.fdatasync(f)"},
                                        {"truncate", "os.ftruncate(f, 1)"},
                                        {"allocate", "os.posix_fallocate(f, 0, 9)"},
                                        {"write", "os.pwrite(f, b'x', 0)"},
                                        {"rename", "os.rename('file.log', 'new.log')"},
                                        {"unlink", "os.unlink('file.log')"}}) {
    const DiskFaults faults(std::string(call) + " .log 1 EIO", directory_.path());
    const auto fails = [&] {
      Process process(
          {"python3", "-c", std::string("import os\nf = os.open('file.log', os.O_CREAT | os.O_RDWR)\n") + statement},
          {.environment = faults.environment(), .working_directory = directory_.path(), .network_namespace = {}});
      return process.wait() == 1 && process.transcript().find("OSError: [Errno 5]") != std::string::npos;
    };
    EXPECT_FALSE(fails()) << statement << " before the faults begin";
    faults.begin();
    EXPECT_TRUE(fails()) << statement;
    EXPECT_THAT(faults.trace(), ElementsAre(HasSubstr(std::string(call) + " "))) << statement;
    faults.end();
    EXPECT_FALSE(fails()) << statement << " after they have ended";
  }
}

}  // namespace
}  // namespace pbxbridge::test
