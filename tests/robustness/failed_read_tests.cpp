// A disk that fails to read while pbxbridge starts: it says so and ends, and nothing is taken for damaged.

#include "spool/store/batch_store.hpp"
#include "store_writer.hpp"
#include "support/disk_faults.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace pbxbridge::test {
namespace {

constexpr int exit_storage = 74;

class FailedRead : public testing::TestWithParam<const char*> {};

TEST_P(FailedRead, IsNoDamage) {
  const TemporaryDirectory directory;
  const auto path = directory / "spool";
  for (const std::uint64_t first : {0, 20}) spool::StoreWriter(path).append(first, 20);
  std::ofstream(directory / "bridge.yaml") << "pbx:\n"
                                              "  - name: hq\n"
                                              "    url: ws://127.0.0.1:1/wsi\n"
                                              "    auth: { username: bridge, password: open-sesame }\n"
                                              "    subscribe: [{ topic: cdr_events }]\n"
                                              "spool: { path: "
                                           << path.string()
                                           << " }\n"
                                              "admin: { listen: \"\" }\n"
                                              "sinks: { lake: { type: stdout } }\n"
                                              "routes: [{ match: {}, to: { sink: lake } }]\n";
  const DiskFaults faults(std::string("read ") + GetParam() + " 1+ EIO", directory.path());
  faults.begin();
  Process bridge({PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge", "run", "--config", (directory / "bridge.yaml").string()},
                 {.environment = faults.environment(), .working_directory = {}, .network_namespace = {}});
  EXPECT_EQ(bridge.wait(), exit_storage) << bridge.transcript();
  EXPECT_THAT(bridge.transcript(), testing::HasSubstr("Input/output error"));
  EXPECT_FALSE(faults.action().empty());
  EXPECT_FALSE(std::filesystem::exists(path / "quarantine"));
  EXPECT_EQ(spool::numbers_of(spool::read_all(*spool::open_store(path)).events), spool::numbers(0, 40));
}

INSTANTIATE_TEST_SUITE_P(Files, FailedRead, testing::Values("/CURRENT", "/MANIFEST", ".log", ".sst"));

}  // namespace
}  // namespace pbxbridge::test
