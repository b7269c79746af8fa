// Limits on a process (setrlimit) that it runs into, and that are raised while it runs.

#include "bridge_process.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "temporary_directory.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <utility>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A limit of another process, lowered while this lives.
class LoweredLimit {
 public:
  LoweredLimit(pid_t process, __rlimit_resource resource, rlim_t limit) : process_(process), resource_(resource) {
    EXPECT_EQ(::prlimit(process_, resource_, nullptr, &before_), 0);
    const rlimit lowered{limit, before_.rlim_max};
    EXPECT_EQ(::prlimit(process_, resource_, &lowered, nullptr), 0);
  }
  ~LoweredLimit() { ::prlimit(process_, resource_, &before_, nullptr); }
  LoweredLimit(const LoweredLimit&) = delete;
  LoweredLimit& operator=(const LoweredLimit&) = delete;

 private:
  pid_t process_;
  __rlimit_resource resource_;
  rlimit before_{};
};

class ProcessLimits : public testing::Test {
 protected:
  ProcessLimits() { EXPECT_TRUE(bridge_.wait_for_log("pbx.subscription_granted")); }

  void push(int events) {
    for (int i = 0; i < events; ++i)
      simulator_.command(R"(push {"event_type":"call_start","session_id":"limits-)" + std::to_string(++pushed_) +
                         R"("})");
  }
  /// Times that each event that was pushed stands in the file.
  std::map<int, int> delivered() const {
    std::map<int, int> times;
    std::ifstream file(events_);
    for (std::string line; std::getline(file, line);)
      if (const auto at = line.find("limits-"); at != std::string::npos) ++times[std::stoi(line.substr(at + 7))];
    return times;
  }
  bool delivers_all() {
    return eventually([this] { return delivered().size() == static_cast<std::size_t>(pushed_); });
  }
  std::string transcript() { return bridge_.process().transcript(); }

  TemporaryDirectory directory_;
  const std::filesystem::path events_ = directory_ / "events.ndjson";
  Simulator simulator_{{"--rate", "0"}};
  BridgeProcess bridge_{everything_of(simulator_.url()) + "sinks:\n  log: { type: file, format: raw, path: " +
                        events_.string() + " }\nroutes:\n  - match: {}\n    to: { sink: log }\n"};
  int pushed_ = 0;
};

TEST_F(ProcessLimits, AreWaitedForUntilTheyAreRaisedAndNothingIsLost) {
  push(20);
  ASSERT_TRUE(delivers_all()) << transcript();
  {
    std::optional<LoweredLimit> size(std::in_place, bridge_.process().pid(), RLIMIT_FSIZE, 1);
    push(20);
    ASSERT_TRUE(bridge_.wait_for_log("File too large; nothing can be written until it may write larger files again"))
        << transcript();
    EXPECT_TRUE(bridge_.wait_for_metric("pbxbridge_spool_writable", 0)) << transcript();
    const LoweredLimit files(bridge_.process().pid(), RLIMIT_NOFILE, 3);
    size.reset();
    ASSERT_TRUE(bridge_.wait_for_log("Too many open files; nothing can be written until more files may be open again"))
        << transcript();
    push(20);
  }
  ASSERT_TRUE(bridge_.wait_for_log("spool.recovered")) << transcript();
  push(20);
  ASSERT_TRUE(delivers_all()) << delivered().size() << " of " << pushed_ << transcript();
  EXPECT_TRUE(bridge_.wait_for_metric("pbxbridge_spool_writable", 1));
  EXPECT_EQ(bridge_.stop(), 0);
  EXPECT_THAT(transcript(), Not(HasSubstr("spool.gap"))) << "and nothing was dropped";
}

}  // namespace
}  // namespace pbxbridge::test
