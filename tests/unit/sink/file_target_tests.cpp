#include "sink/file/file_target.hpp"
#include "sink/file_size_limit.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class FileTargetTest : public testing::Test {
 protected:
  FileTargetTest() {
    settings_.path = directory_ / "events.ndjson";
    std::signal(SIGXFSZ, SIG_IGN);  // as the writer's thread blocks it
  }

  std::string content(const std::string& suffix = "") const {
    std::ifstream file(settings_.path.native() + suffix);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool exists(const std::string& suffix) const { return std::filesystem::exists(settings_.path.native() + suffix); }
  void put(const std::string& text) const { std::ofstream(settings_.path) << text; }

  FileTarget opened() {
    FileTarget target(settings_);
    const auto detail = target.open();
    EXPECT_TRUE(detail) << detail.error().text;
    return target;
  }
  static void write(FileTarget& target, const std::vector<std::string>& lines) {
    const auto written = target.write(lines);
    EXPECT_EQ(written.lines, lines.size());
    EXPECT_FALSE(written.failure) << written.failure->text;
  }

  test::TemporaryDirectory directory_;
  FileSettings settings_;
};

TEST_F(FileTargetTest, AppendsAndMakesTheFileForOwnerAndGroup) {
  ::umask(0022);
  {
    auto target = opened();
    write(target, {"1\n", "2\n"});
  }
  auto target = opened();
  write(target, {"3\n"});
  EXPECT_EQ(content(), "1\n2\n3\n");
  struct stat status {};
  ASSERT_EQ(::stat(settings_.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST_F(FileTargetTest, FollowsALinkWhereNobodyElseCouldHavePutIt) {
  std::filesystem::create_directory(directory_ / "disk");
  std::filesystem::create_directory_symlink("disk", directory_ / "way");
  std::filesystem::create_symlink("../disk/real.ndjson", directory_ / "disk" / "events.ndjson");
  settings_.path = directory_ / "way" / "." / "events.ndjson";
  auto target = opened();
  write(target, {"1\n"});
  EXPECT_EQ(std::filesystem::file_size(directory_ / "disk" / "real.ndjson"), 2U);
}

TEST_F(FileTargetTest, NeverFollowsALinkInADirectoryOfOthers) {
  put("mine\n");
  const auto open_to_all = directory_ / "open";
  const std::filesystem::path links[] = {settings_.path, directory_ / "not-there-yet", directory_.path()};
  for (const mode_t mode : {0777U, 01777U, 01733U})
    for (const auto& target : links) {
      std::filesystem::remove_all(open_to_all);
      std::filesystem::create_directory(open_to_all);
      std::filesystem::create_symlink(target, open_to_all / "link");
      ASSERT_EQ(::chmod(open_to_all.c_str(), mode), 0);
      auto settings = settings_;
      settings.path = open_to_all / "link";
      if (target == directory_.path()) settings.path /= "events.ndjson";
      const auto detail = FileTarget(settings).open();
      ASSERT_FALSE(detail) << target;
      EXPECT_THAT(detail.error().text, HasSubstr("the symbolic link link in a directory in which others may put one"));
      EXPECT_FALSE(std::filesystem::exists(directory_ / "not-there-yet"));
    }
  EXPECT_EQ(content(), "mine\n");
  // A file of its own is written there all the same.
  settings_.path = open_to_all / "events.ndjson";
  auto target = opened();
  write(target, {"1\n"});
}

TEST_F(FileTargetTest, GivesUpOnLinksThatGoRound) {
  std::filesystem::create_symlink("events.ndjson", settings_.path);
  EXPECT_THAT(FileTarget(settings_).open().error().text, HasSubstr("Too many levels of symbolic links"));
}

TEST_F(FileTargetTest, NamesTheDirectoryThatIsMissing) {
  settings_.path = directory_ / "nowhere" / "events.ndjson";
  const auto detail = FileTarget(settings_).open();
  ASSERT_FALSE(detail);
  EXPECT_EQ(detail.error().text, settings_.path.native() + " cannot be made: the directory " +
                                     (directory_ / "nowhere").native() + " does not exist");
  EXPECT_EQ(detail.error().category, ErrorCategory::storage);
}

TEST_F(FileTargetTest, RejectsWhatIsNoRegularFile) {
  std::filesystem::create_directory(settings_.path);
  const auto detail = FileTarget(settings_).open();
  ASSERT_FALSE(detail);
  EXPECT_THAT(detail.error().text, HasSubstr("not a regular file"));
}

TEST_F(FileTargetTest, RejectsAFileThatAnotherSinkWrites) {
  const auto first = opened();
  const auto detail = FileTarget(settings_).open();
  ASSERT_FALSE(detail);
  EXPECT_THAT(detail.error().text, HasSubstr("another sink or process"));
}

TEST_F(FileTargetTest, CutsOffHalfALineThatACrashLeft) {
  put("{\"n\":1}\n{\"n\":");
  auto target = opened();
  EXPECT_THAT(target.take_notice().value_or(""), HasSubstr("5 bytes were cut off"));
  write(target, {"{\"n\":2}\n"});
  EXPECT_EQ(content(), "{\"n\":1}\n{\"n\":2}\n");
}

TEST_F(FileTargetTest, CutsOffHalfALineOfAnyLength) {
  put("{\"n\":1}\n{" + std::string(200'000, 'x'));
  opened();
  EXPECT_EQ(content(), "{\"n\":1}\n");
  put("{" + std::string(200'000, 'x'));
  opened();
  EXPECT_EQ(content(), "");
}

TEST_F(FileTargetTest, LeavesAFileAloneThatIsNotItsOwn) {
  put("127.0.0.1 localhost");
  const auto detail = FileTarget(settings_).open();
  ASSERT_FALSE(detail);
  EXPECT_THAT(detail.error().text, HasSubstr("move it away"));
  EXPECT_EQ(content(), "127.0.0.1 localhost");
}

TEST_F(FileTargetTest, LeavesNoHalfLineOnAFullDisk) {
  auto target = opened();
  write(target, {"one\n"});
  const std::vector<std::string> lines{"two, and more of it\n", "three\n"};
  {
    const test::FileSizeLimit limit(10);
    const auto written = target.write(lines);
    EXPECT_EQ(written.lines, 0U);
    EXPECT_THAT(written.retry.value_or(""), HasSubstr(settings_.path.native() + " cannot be written: File too large"));
    EXPECT_FALSE(written.failure);
    EXPECT_EQ(content(), "one\n");
  }
  write(target, lines);
  EXPECT_EQ(content(), "one\ntwo, and more of it\nthree\n");
}

TEST_F(FileTargetTest, ConfirmsWhatStandsInARotatedFileWhereTheNextIsFull) {
  settings_.max_file_size = config::ByteSize{8};
  auto target = opened();
  write(target, {"1234567\n"});
  const test::FileSizeLimit limit(8);
  const auto written = target.write(std::vector<std::string>{"7654321\n", "too long for the disk\n"});
  EXPECT_EQ(written.lines, 1U);
  EXPECT_TRUE(written.retry);
  EXPECT_EQ(content(), "");
  EXPECT_EQ(content(".1"), "7654321\n");
  EXPECT_EQ(content(".2"), "1234567\n");
}

TEST_F(FileTargetTest, RotatesBySizeAndKeepsSoManyFiles) {
  settings_.max_file_size = config::ByteSize{8};
  settings_.keep_files = 2;
  auto target = opened();
  write(target, {"aaa\n", "bbb\n", "ccc\n", "ddd\n", "longer than a file\n", "eee\n", "fff\n", "ggg\n"});
  EXPECT_EQ(content(".2"), "longer than a file\n");
  EXPECT_EQ(content(".1"), "eee\nfff\n");
  EXPECT_EQ(content(), "ggg\n");
  EXPECT_FALSE(exists(".3"));
}

TEST_F(FileTargetTest, RotatesAFileOfAnEarlierPeriod) {
  settings_.rotate_every = config::Duration(24h);
  put("{\"n\":1}\n");
  std::filesystem::last_write_time(settings_.path, std::filesystem::file_time_type::clock::now() - 24h);
  auto target = opened();
  write(target, {"2\n"});
  EXPECT_EQ(content(".1"), "{\"n\":1}\n");
  EXPECT_EQ(content(), "2\n");
}

TEST_F(FileTargetTest, DoesNotRotateWithinAPeriodNorAnEmptyFile) {
  settings_.rotate_every = config::Duration(24h * 10'000);
  put("{\"n\":1}\n");
  auto target = opened();
  write(target, {"2\n"});
  EXPECT_EQ(content(), "{\"n\":1}\n2\n");
  const Rotation rotation(settings_);
  EXPECT_FALSE(rotation.is_due(0, 1, 0, 1'764'000'000));
}

TEST_F(FileTargetTest, GrowsOnWhereItCannotRotate) {
  settings_.max_file_size = config::ByteSize{8};
  settings_.keep_files = 1;
  std::filesystem::create_directories(settings_.path.native() + ".1/full");
  auto target = opened();
  write(target, {"12345678\n"});
  write(target, {"9\n"});
  EXPECT_EQ(content(), "12345678\n9\n");
  EXPECT_THAT(target.take_notice().value_or(""), HasSubstr("cannot be renamed"));
}

TEST_F(FileTargetTest, FollowsLogrotateOnReopen) {
  auto target = opened();
  write(target, {"1\n"});
  std::filesystem::rename(settings_.path, settings_.path.native() + ".old");
  write(target, {"2\n"});
  EXPECT_FALSE(target.reopen());
  write(target, {"3\n"});
  EXPECT_EQ(content(".old"), "1\n2\n");
  EXPECT_EQ(content(), "3\n");
}

TEST_F(FileTargetTest, BeginsANewFileWhereItWasDeleted) {
  auto target = opened();
  write(target, {"1\n"});
  std::filesystem::remove(settings_.path);
  write(target, {"2\n"});
  EXPECT_EQ(content(), "2\n");
  EXPECT_THAT(target.take_notice().value_or(""), HasSubstr("was deleted"));
}

TEST_F(FileTargetTest, AppendsBehindWhatCopytruncateLeft) {
  auto target = opened();
  write(target, {"1\n"});
  std::filesystem::resize_file(settings_.path, 0);
  write(target, {"2\n"});
  EXPECT_EQ(content(), "2\n");
}

TEST_F(FileTargetTest, FlushesByItsPolicy) {
  auto always = opened();
  write(always, {"1\n"});
  EXPECT_FALSE(always.flush_at()) << "done before it was acknowledged";

  settings_.path += ".interval";
  settings_.fsync = Fsync::interval;
  auto interval = opened();
  EXPECT_FALSE(interval.flush_at());
  write(interval, {"1\n"});
  const auto due = interval.flush_at();
  ASSERT_TRUE(due);
  write(interval, {"2\n"});
  EXPECT_EQ(interval.flush_at(), due) << "counted from the first that is not durable";
  EXPECT_FALSE(interval.flush());
  EXPECT_FALSE(interval.flush_at());

  settings_.path += ".none";
  settings_.fsync = Fsync::none;
  auto none = opened();
  write(none, {"1\n"});
  EXPECT_FALSE(none.flush_at());
}

}  // namespace
}  // namespace pbxbridge::sink
