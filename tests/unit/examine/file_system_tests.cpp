#include "examine/file_system.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::examine {
namespace {

constexpr std::string_view mounts =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "23 22 0:20 / /var/lib rw - xfs /dev/sdb rw\n"
    "24 23 0:21 / /var/lib/my\\040spool rw - nfs4 server:/export rw\n"
    "25 22 0:22 / /run rw - tmpfs tmpfs rw\n"
    "26 25 0:23 / /run rw - ext4 /dev/sdc rw\n"
    "a line that is none\n";

TEST(FileSystem, IsThatOfTheInnermostMount) {
  EXPECT_EQ(file_system_type(mounts, "/"), "ext4");
  EXPECT_EQ(file_system_type(mounts, "/var"), "ext4");
  EXPECT_EQ(file_system_type(mounts, "/var/lib/pbxbridge"), "xfs");
  EXPECT_EQ(file_system_type(mounts, "/var/library"), "ext4");
  EXPECT_EQ(file_system_type(mounts, "/var/lib/my spool/a"), "nfs4");
  EXPECT_EQ(file_system_type("", "/var"), "");
}

TEST(FileSystem, OfTwoMountsOnOnePlaceTheLaterCounts) { EXPECT_EQ(file_system_type(mounts, "/run/spool"), "ext4"); }

TEST(FileSystem, HasARiskWhereASpoolIsNotSafe) {
  for (const char* type : {"tmpfs", "overlay", "nfs", "nfs4", "cifs", "fuse.sshfs", "fuseblk", "9p", "ceph"})
    EXPECT_NE(file_system_risk(type), "") << type;
  for (const char* type : {"ext4", "xfs", "btrfs", "zfs"}) EXPECT_EQ(file_system_risk(type), "") << type;
}

}  // namespace
}  // namespace pbxbridge::examine
