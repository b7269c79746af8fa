#include "app/file_watch.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

namespace pbxbridge::app {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Longer than it may take to notice.
constexpr auto promised = 2s;

class FileWatchTest : public testing::Test {
 protected:
  FileWatchTest() {
    watch_.emplace([this] { ++changes_; });
  }

  static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
  /// A version of a ConfigMap's or Secret's volume, as the kubelet makes it: `file` → `..data/file`, `..data` →
  /// version.
  void publish(const std::string& version, const std::string& text) {
    fs::create_directory(directory_ / version);
    write(directory_ / version / "file", text);
    fs::create_symlink(version, directory_ / "..data_tmp");
    fs::rename(directory_ / "..data_tmp", directory_ / "..data");
    if (!fs::exists(fs::symlink_status(directory_ / "file"))) fs::create_symlink("..data/file", directory_ / "file");
  }
  bool is_noticed(int changes = 1) {
    const auto begun = std::chrono::steady_clock::now();
    const bool noticed = test::eventually([&] { return changes_ >= changes; }, 10s);
    EXPECT_LE(std::chrono::steady_clock::now() - begun, promised);
    return noticed;
  }

  const test::TemporaryDirectory directory_;
  std::atomic<int> changes_ = 0;
  std::optional<FileWatch> watch_;
};

TEST_F(FileWatchTest, NoticesWhatIsWrittenInPlaceOrRenamed) {
  const fs::path file = directory_ / "a";
  write(file, "one");
  watch_->watch({file.string()});
  write(file, "other");
  EXPECT_TRUE(is_noticed(1));
  write(directory_ / "b", "third");
  fs::rename(directory_ / "b", file);
  EXPECT_TRUE(is_noticed(2));
}

TEST_F(FileWatchTest, NoticesTheSwapOfAConfigMap) {
  publish("..1", "one");
  watch_->watch({(directory_ / "file").string()});
  publish("..2", "two");
  EXPECT_TRUE(is_noticed());
}

TEST_F(FileWatchTest, NoticesAFileThatComesOrGoes) {
  const fs::path file = directory_ / "a";
  watch_->watch({file.string()});
  write(file, "one");
  EXPECT_TRUE(is_noticed(1));
  fs::remove(file);
  EXPECT_TRUE(is_noticed(2));
}

TEST_F(FileWatchTest, AChangeDuringAReloadIsNoticedAlthoughTheListIsSetAgain) {
  const fs::path file = directory_ / "a";
  write(file, "one");
  watch_->watch({file.string()});
  write(file, "other");
  watch_->watch({file.string(), (directory_ / "b").string()});
  EXPECT_TRUE(is_noticed());
}

TEST_F(FileWatchTest, EachChangeIsToldOnceAndNoneIfNothingChanges) {
  const fs::path file = directory_ / "a";
  write(file, "one");
  watch_->watch({file.string()});
  write(file, "other");
  ASSERT_TRUE(is_noticed());
  std::this_thread::sleep_for(promised);
  EXPECT_EQ(changes_, 1);
}

TEST_F(FileWatchTest, TellsNothingAfterItsEnd) {
  const fs::path file = directory_ / "a";
  watch_->watch({file.string()});
  write(file, "one");
  watch_.reset();
  std::this_thread::sleep_for(promised);
  EXPECT_EQ(changes_, 0);
}

}  // namespace
}  // namespace pbxbridge::app
