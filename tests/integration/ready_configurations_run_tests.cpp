// The configurations that come with pbxbridge, as the built executable checks them.

#include "bridge_process.hpp"
#include "process.hpp"
#include "temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace pbxbridge::test {
namespace {

const std::filesystem::path directory = PBXBRIDGE_SOURCE_DIRECTORY "/config";

std::vector<std::string> ready_configurations() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(entry.path().filename());
  std::ranges::sort(files);
  return files;
}

void expect_valid(const std::filesystem::path& file, const std::map<std::string, std::string>& environment) {
  const auto path = file.string();
  Process process({bridge_executable(), "check", "--config", path},
                  {.environment = environment, .working_directory = {}, .network_namespace = {}});
  EXPECT_EQ(process.wait(std::chrono::seconds(60)), 0) << process.transcript();
  EXPECT_TRUE(process.wait_for_output(path + ": valid; ")) << process.transcript();
  // The files of secrets and certificates are on the machine that runs it.
  std::vector<std::string> problems = process.error_lines();
  // Under each stands the line of the file, and a caret.
  std::erase_if(problems, [](const std::string& line) { return line.starts_with("  "); });
  // The demo's password is everybody's.
  if (file.filename().native().starts_with("demo"))
    std::erase_if(problems, [](const std::string& line) { return line.find("holds a password") != std::string::npos; });
  EXPECT_THAT(problems, testing::Each(testing::ContainsRegex(" warning: .* here[:;] ")));
}

class ReadyConfiguration : public testing::TestWithParam<std::string> {};

TEST_P(ReadyConfiguration, PassesTheCheckAsItIs) { expect_valid(directory / GetParam(), {}); }

TEST_P(ReadyConfiguration, PassesTheCheckWithTheEnvironmentThatItReads) {
  expect_valid(directory / GetParam(), {{"PBX_NAME", "branch"},
                                        {"PBX_URL", "wss://pbx.branch.example.com:8887/wsi"},
                                        {"PBX_USERNAME", "reader"},
                                        {"PBX_PASSWORD", "a \"quoted\": password # with signs"},
                                        {"PBX_DOMAIN", "branch.example.com"},
                                        {"MQTT_URL", "mqtts://broker.branch.example.com:8883"},
                                        {"KAFKA_BROKERS", "kafka.branch.example.com:9092"},
                                        {"PBXBRIDGE_SPOOL", "/srv/pbxbridge/spool"},
                                        {"ADMIN_LISTEN", "[::1]:9000"}});
}

INSTANTIATE_TEST_SUITE_P(Files, ReadyConfiguration, testing::ValuesIn(ready_configurations()), [](const auto& file) {
  std::string name = file.param.substr(0, file.param.find('.'));
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(ReadyConfigurations, TheOneInTheReadmePassesTheCheck) {
  std::ifstream readme(PBXBRIDGE_SOURCE_DIRECTORY "/README.md");
  const TemporaryDirectory temporary;
  const auto file = temporary.path() / "readme.yaml";
  std::ofstream configuration(file);
  bool inside = false;
  for (std::string line; std::getline(readme, line); inside = line == "```yaml" || (inside && line != "```")) {
    if (inside && line != "```") configuration << line << '\n';
  }
  configuration.close();
  ASSERT_GT(std::filesystem::file_size(file), 0U);
  expect_valid(file, {});
}

TEST(ReadyConfigurations, ThereAreAtLeastThree) { EXPECT_GE(ready_configurations().size(), 3U); }

}  // namespace
}  // namespace pbxbridge::test
