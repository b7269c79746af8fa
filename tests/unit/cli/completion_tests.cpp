// The completions of `pbxbridge completion`, in the shells that they are for.

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pbxbridge::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

const std::string program = PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge";

/// Returns what a real bash offers for the last of the words.
std::vector<std::string> offered_by_bash(const std::vector<std::string>& words,
                                         const std::filesystem::path& directory = "/") {
  std::string script = "source <(" + program + " completion bash) || exit 1\nCOMP_WORDS=(pbxbridge";
  for (const auto& word : words) script += " '" + word + "'";
  script += ")\nCOMP_CWORD=" + std::to_string(words.size()) +
            "\n_pbxbridge\n(( ${#COMPREPLY[@]} )) && printf '%s\\n' \"${COMPREPLY[@]}\"; exit 0\n";
  test::Process bash({"/bin/bash", "--norc", "-c", script},
                     {.environment = {}, .working_directory = directory, .network_namespace = {}});
  EXPECT_EQ(bash.wait(), 0) << bash.transcript();
  EXPECT_THAT(bash.error_lines(), IsEmpty());
  return bash.output_lines();
}

TEST(BashCompletion, OffersCommands) {
  EXPECT_THAT(offered_by_bash({""}), IsSupersetOf({"run", "check", "explain", "test", "spool", "dead-letters",
                                                   "reference", "completion", "--help", "--version"}));
  EXPECT_THAT(offered_by_bash({"ch"}), ElementsAre("check"));
  EXPECT_THAT(offered_by_bash({"spool", ""}), IsSupersetOf({"stat", "list", "export", "verify", "salvage", "forget"}));
  EXPECT_THAT(offered_by_bash({"spool", "s"}), UnorderedElementsAre("stat", "salvage"));
}

TEST(BashCompletion, OffersTheOptionsOfACommand) {
  EXPECT_THAT(offered_by_bash({"run", "--"}), UnorderedElementsAre("--config", "--help", "--watch"));
  EXPECT_THAT(offered_by_bash({"spool", "list", "--g"}), ElementsAre("--gaps"));
  EXPECT_THAT(offered_by_bash({"dead-letters", "drop", "--"}), IsSupersetOf({"--config", "--sink", "--all"}));
  EXPECT_THAT(offered_by_bash({"run", "--"}), Not(Contains("--sink")));
}

TEST(BashCompletion, OffersChoices) {
  EXPECT_THAT(offered_by_bash({"reference", "s"}), UnorderedElementsAre("schema", "starter"));
  EXPECT_THAT(offered_by_bash({"completion", ""}), IsSupersetOf({"bash", "zsh", "fish"}));
}

TEST(BashCompletion, OffersFilesAlsoWithBlanksInTheirNames) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "bridge one.yaml") << "x";
  std::ofstream(directory / "bridge two.yaml") << "x";
  std::ofstream(directory / "other") << "x";
  const auto both = UnorderedElementsAre("bridge one.yaml", "bridge two.yaml");
  EXPECT_THAT(offered_by_bash({"run", "--config", "br"}, directory.path()), both);
  EXPECT_THAT(offered_by_bash({"run", "-c", "br"}, directory.path()), both);
  EXPECT_THAT(offered_by_bash({"check", "--config", "=", "br"}, directory.path()), both);
  EXPECT_THAT(offered_by_bash({"explain", "br"}, directory.path()), both);
  EXPECT_THAT(offered_by_bash({"explain", "--config", "other", "br"}, directory.path()), both);
}

TEST(Completion, KnowsItsShells) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    test::Process process({program, "completion", shell});
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    EXPECT_TRUE(process.wait_for_output("pbxbridge")) << process.transcript();
  }
  test::Process unknown({program, "completion", "tcsh"});
  EXPECT_EQ(unknown.wait(), 64) << unknown.transcript();
}

}  // namespace
}  // namespace pbxbridge::cli
