#include "config/schema/exposure.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <unistd.h>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;

constexpr uid_t another_user = 1;
constexpr gid_t another_group = 1;

void give(const std::filesystem::path& path, uid_t user, gid_t group, unsigned mode) {
  ASSERT_EQ(::chown(path.c_str(), user, group), 0);
  std::filesystem::permissions(path, std::filesystem::perms(mode));
}

class ExposureToWriters : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    std::filesystem::create_directory(spool_);
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  }

  const test::TemporaryDirectory directory_;
  const std::filesystem::path spool_ = directory_ / "spool";
};

TEST_F(ExposureToWriters, IsThatToAForeignGroup) {
  give(spool_, 0, another_group, 0770);
  EXPECT_THAT(exposed_to_writers(spool_), HasSubstr("can be written by a group that pbxbridge is not in"));
  give(spool_, 0, another_group, 0750);
  EXPECT_EQ(exposed_to_writers(spool_), "");
  give(spool_, 0, ::getegid(), 0770);
  EXPECT_EQ(exposed_to_writers(spool_), "");
}

TEST_F(ExposureToWriters, EndsWhereTheGroupDoesNotGetThere) {
  give(spool_, 0, another_group, 0770);
  give(directory_.path(), 0, 0, 0750);
  EXPECT_EQ(exposed_to_writers(spool_), "");
  give(directory_.path(), 0, another_group, 0750);
  EXPECT_THAT(exposed_to_writers(spool_), HasSubstr("a group that"));
}

TEST_F(ExposureToWriters, IsThatToAnotherOwner) {
  constexpr uid_t user = 2;
  give(spool_, another_user, 0, 0750);
  EXPECT_EQ(exposed_to_writers(spool_), "") << "root may look at what another user runs";
  ASSERT_EQ(::seteuid(user), 0);
  const std::string of_another = exposed_to_writers(spool_);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_THAT(of_another, HasSubstr("belongs to another user"));
  give(spool_, user, 0, 0750);
  ASSERT_EQ(::seteuid(user), 0);
  const std::string of_its_own = exposed_to_writers(spool_);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(of_its_own, "");
}

}  // namespace
}  // namespace pbxbridge::config
