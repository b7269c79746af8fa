#include "config/substitution.hpp"
#include "configuration_text.hpp"
#include "pbxbridge/config/document.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Substitution : public testing::Test {
 protected:
  Substitution() {
    setenv("PBXBRIDGE_TEST_WORD", "word", 1);
    setenv("PBXBRIDGE_TEST_EMPTY", "", 1);
    setenv("PBXBRIDGE_TEST_NESTED", "${PBXBRIDGE_TEST_WORD} $$", 1);
    unsetenv("PBXBRIDGE_TEST_MISSING");
  }

  std::string substituted(std::string_view text) { return substitute(text, {3, 7}, files_, report_).text; }
  std::string problem(std::string_view text) {
    Report report;
    substitute(text, {3, 7}, files_, report);
    return format_problems(report, "f");
  }

  Report report_;
  ValueFiles files_;
};

TEST_F(Substitution, PutsInVariablesDefaultsAndDollars) {
  EXPECT_EQ(substituted("a ${PBXBRIDGE_TEST_WORD} b"), "a word b");
  EXPECT_EQ(substituted("${PBXBRIDGE_TEST_MISSING:-x:-y}"), "x:-y");
  EXPECT_EQ(substituted("${PBXBRIDGE_TEST_EMPTY:-default}"), "default");
  EXPECT_EQ(substituted("[${PBXBRIDGE_TEST_EMPTY}]"), "[]");
  EXPECT_EQ(substituted("$${HOME} 5$ $x $"), "${HOME} 5$ $x $");
  EXPECT_FALSE(report_.has_errors());
}

TEST_F(Substitution, DoesNotLookAtWhatCameIn) {
  EXPECT_EQ(substituted("${PBXBRIDGE_TEST_NESTED}"), "${PBXBRIDGE_TEST_WORD} $$");
}

TEST_F(Substitution, PutsInAFile) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "value") << "from file\n";
  EXPECT_EQ(substituted("<${file:" + (directory / "value").string() + "}>"), "<from file>");
}

TEST_F(Substitution, ReadsEachOfAThousandFilesOnce) {
  const test::TemporaryDirectory directory;
  const std::string value = "${file:" + (directory / "value").string() + "}";
  std::ofstream(directory / "value") << "from file\n";
  EXPECT_EQ(substituted(value), "from file");
  std::ofstream(directory / "value") << "changed\n";
  EXPECT_EQ(substituted(value), "from file");
  for (std::size_t i = 1; i < max_value_files; ++i)
    EXPECT_THAT(problem("${file:/nope/" + std::to_string(i) + "}"), HasSubstr("cannot read"));
  EXPECT_THAT(problem("${file:/nope/one-more}"), HasSubstr("more than 1000 files are named"));
  EXPECT_EQ(substituted(value), "from file");
}

TEST_F(Substitution, TellsWhereItsTextComesFrom) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "value") << "x\n";
  const std::string path = directory / "value";
  EXPECT_EQ(substitute("a${file:" + path + "}", {3, 7}, files_, report_).files, std::vector<std::string>{path});
  const auto takes_default = [&](std::string_view text) {
    return substitute(text, {3, 7}, files_, report_).takes_default;
  };
  EXPECT_TRUE(takes_default("${PBXBRIDGE_TEST_MISSING:-x}"));
  EXPECT_TRUE(takes_default("${PBXBRIDGE_TEST_EMPTY:-x}"));
  EXPECT_FALSE(takes_default("${PBXBRIDGE_TEST_MISSING:-}"));
  EXPECT_FALSE(takes_default("${PBXBRIDGE_TEST_WORD:-x}"));
}

TEST_F(Substitution, RejectsWhatIsMissingOrMalformed) {
  EXPECT_EQ(problem("${PBXBRIDGE_TEST_MISSING}"),
            "f:3:7: error: the environment has no variable PBXBRIDGE_TEST_MISSING; set it, or write "
            "${PBXBRIDGE_TEST_MISSING:-default}\n");
  EXPECT_THAT(problem("${file:/does/not/exist}"), HasSubstr("cannot read /does/not/exist: No such file"));
  EXPECT_THAT(problem("${open"), HasSubstr("has no closing"));
  EXPECT_THAT(problem("${}"), HasSubstr("expected ${VARIABLE}"));
  EXPECT_THAT(problem("${1a}"), HasSubstr("expected ${VARIABLE}"));
}

TEST_F(Substitution, IsBounded) {
  setenv("PBXBRIDGE_TEST_WORD", std::string(100'000, 'a').c_str(), 1);
  std::string many;
  for (int i = 0; i < 50; ++i) many += "${PBXBRIDGE_TEST_WORD}";
  Report report;
  EXPECT_LT(substitute(many, {3, 7}, files_, report).text.size(), 5'000'000U);
  EXPECT_THAT(format_problems(report, "f"), StartsWith("f:3:7: error: more than 4194304 bytes of text"));
  Report of_document;
  std::string items;
  for (int i = 0; i < 50; ++i) items += "- ${PBXBRIDGE_TEST_WORD}\n";
  parse_document(items, of_document);
  EXPECT_THAT(format_problems(of_document, "f"), StartsWith("f:42:3: error: more than 4194304 bytes of text"));
}

TEST_F(Substitution, SaysOneThingOfATextWithManyMistakes) {
  EXPECT_EQ(problem("${1} ${2} ${3}"),
            "f:3:7: error: expected ${VARIABLE}, ${VARIABLE:-default} or ${file:/path}; write $$ for a plain $\n");
}

TEST_F(Substitution, HappensAfterParsingSoThatAValueCannotAddKeys) {
  setenv("PBXBRIDGE_TEST_WORD", "here\n    port: 7", 1);
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: \"${PBXBRIDGE_TEST_WORD}\" }\n";
  const Loaded loaded = text.load();
  EXPECT_EQ(settings_of(loaded).address.value, "here\n    port: 7");
  EXPECT_EQ(settings_of(loaded).port, 1);
}

TEST_F(Substitution, KeepsWhatCameInOutOfMessages) {
  ConfigurationText text;
  text.sinks =
      "  first: { type: sample, address: x, port: \"${PBXBRIDGE_TEST_WORD}\", format: \"${PBXBRIDGE_TEST_WORD}\" }\n";
  EXPECT_THAT(text.problems(), HasSubstr("port: expected a whole number, found the value"));
  EXPECT_THAT(text.problems(), Not(HasSubstr("word")));
}

}  // namespace
}  // namespace pbxbridge::config
