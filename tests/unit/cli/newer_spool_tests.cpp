// Commands on a spool that a newer pbxbridge has written: what each says, and that it changes nothing in it.

#include "app/run.hpp"
#include "spool_configuration.hpp"
#include "support/directory_contents.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace pbxbridge::cli {
namespace {

namespace fs = std::filesystem;

using Arguments = std::vector<std::string>;

class NewerSpool : public testing::TestWithParam<Arguments> {};

TEST_P(NewerSpool, IsRejectedUntouched) {
  const test::TemporaryDirectory directory;
  const fs::path spool = directory / "spool";
  fs::copy(fs::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/data/spool-format-99", spool, fs::copy_options::recursive);
  write_configuration(directory / "bridge.yaml", spool,
                      "sinks: { lake: { type: stdout } }\n"
                      "routes: [{ match: {}, to: { sink: lake } }]\n");
  const auto before = test::contents_of(spool);
  Arguments command{PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge"};
  command.insert(command.end(), GetParam().begin(), GetParam().end());
  for (std::string& argument : command)
    if (argument == "STORE") argument = spool / "store";
  command.insert(command.end(), {"--config", directory / "bridge.yaml"});
  const auto ended = test::run_to_end(command);
  EXPECT_EQ(ended.exit_code, app::exit_storage);
  EXPECT_THAT(
      ended.transcript,
      testing::HasSubstr("was written by pbxbridge 9.0.0 in format 99, and this is pbxbridge " PBXBRIDGE_VERSION))
      << testing::PrintToString(command);
  EXPECT_EQ(test::contents_of(spool), before);
}

std::string name_of(const testing::TestParamInfo<Arguments>& each) {
  std::string name;
  for (const std::string& word : each.param)
    std::ranges::copy_if(word, std::back_inserter(name),
                         [](unsigned char letter) { return std::isalnum(letter) != 0; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(ByEach, NewerSpool,
                         testing::Values(Arguments{"run"}, Arguments{"spool", "stat"}, Arguments{"spool", "list"},
                                         Arguments{"spool", "export"}, Arguments{"spool", "verify"},
                                         Arguments{"spool", "salvage", "STORE"}, Arguments{"spool", "forget", "board"},
                                         Arguments{"dead-letters", "list"},
                                         Arguments{"dead-letters", "redrive", "--all"},
                                         Arguments{"dead-letters", "drop", "--sink", "lake"}),
                         name_of);

}  // namespace
}  // namespace pbxbridge::cli
