#include "app/configuration.hpp"
#include "app/plugins.hpp"
#include "config/load.hpp"
#include "pbxbridge/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

namespace pbxbridge {
namespace {

const std::filesystem::path directory = PBXBRIDGE_SOURCE_DIRECTORY "/config";

class ReadyConfiguration : public testing::TestWithParam<std::string> {};

/// Apart from files that are there only where it runs.
TEST_P(ReadyConfiguration, LoadsWithoutAnyProblem) {
  app::Plugins plugins(built_in_sink_types());
  const auto configuration = app::load_configuration(directory / GetParam(), plugins);
  for (const auto& problem : configuration.report.problems()) {
    EXPECT_TRUE(problem.warning) << problem.text;
    // That of the simulated PBX is no secret.
    if (GetParam().starts_with("demo") && problem.text.find("holds a password") != std::string::npos) continue;
    EXPECT_THAT(problem.text,
                testing::AnyOf(testing::HasSubstr("cannot be read here"), testing::HasSubstr("there is no directory")));
  }
}

const std::set<std::string> ready_configurations = {"aws-iot-core.yaml", "call-records.yaml",   "demo-kafka.yaml",
                                                    "demo.yaml",         "home-assistant.yaml", "pbxbridge.yaml",
                                                    "wallboard.yaml"};

INSTANTIATE_TEST_SUITE_P(Files, ReadyConfiguration, testing::ValuesIn(ready_configurations), [](const auto& file) {
  std::string name = file.param.substr(0, file.param.find('.'));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ReadyConfigurations, AreAllTested) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.is_regular_file()) files.insert(entry.path().filename());
  EXPECT_EQ(files, ready_configurations);
}

}  // namespace
}  // namespace pbxbridge
