#include "config/values.hpp"
#include "configuration_text.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace pbxbridge::config {
namespace {

using testing::HasSubstr;
using testing::Not;

void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path) << text; }

TEST(Secret, IsReadAnewFromItsFileWithoutTheLineBreakAtTheEnd) {
  const test::TemporaryDirectory directory;
  const Secret secret = Secret::of_file(directory / "password");
  write(directory / "password", "first\n");
  EXPECT_EQ(secret.read().value(), "first");
  write(directory / "password", " second \r\n");
  EXPECT_EQ(secret.read().value(), " second ");
}

TEST(Secret, SaysWhyItCannotBeRead) {
  const test::TemporaryDirectory directory;
  EXPECT_THAT(Secret::of_file(directory / "none").read().error().text, HasSubstr("No such file"));
  EXPECT_THAT(Secret::of_file(directory.path()).read().error().text, HasSubstr("Is a directory"));
  write(directory / "empty", "\n");
  EXPECT_THAT(Secret::of_file(directory / "empty").read().error().text, HasSubstr("is empty"));
  write(directory / "large", std::string(70'000, 'x'));
  EXPECT_THAT(Secret::of_file(directory / "large").read().error().text, HasSubstr("is larger than 65536 bytes"));
}

TEST(Secret, StandsInTheFileOrBesideItButNotBoth) {
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: x, password_file: /run/secrets/p }\n";
  EXPECT_EQ(settings_of(text.load()).password, Secret::of_file("/run/secrets/p"));
  text.sinks = "  first: { type: sample, address: x, password: a, password_file: b }\n";
  EXPECT_EQ(text.problems(), "f.yaml:7:51: error: give either \"password\" or \"password_file\", not both\n");
}

TEST(Secret, IsNeverQuotedInAProblem) {
  ConfigurationText text;
  for (const char* password : {"password: [hunter2]", "password: { hunter2: hunter2 }", "pasword: hunter2",
                               "password: hunter2, password: hunter2", "password: hunter2, password_file: hunter2"}) {
    text.sinks = "  first: { type: sample, address: x, " + std::string(password) + " }\n";
    EXPECT_THAT(text.problems(), HasSubstr("error")) << password;
    EXPECT_THAT(text.problems(), Not(HasSubstr("hunter2"))) << password;
  }
}

TEST(Secret, IsRefusedWhenEmpty) {
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: x, password: \"\" }\n";
  EXPECT_EQ(text.problems(), "f.yaml:7:48: error: password: the secret is empty\n");
}

}  // namespace
}  // namespace pbxbridge::config
