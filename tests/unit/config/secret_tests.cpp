#include "configuration_text.hpp"
#include "pbxbridge/config/values.hpp"
#include "support/temporary_directory.hpp"
#include "text/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

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
  EXPECT_THAT(Secret::of_file(directory.path()).read().error().text, HasSubstr("is a directory"));
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

TEST(Secret, IsRejectedWhenEmpty) {
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: x, password: \"\" }\n";
  EXPECT_EQ(text.problems(), "f.yaml:7:48: error: password: the secret is empty\n");
}

TEST(Secret, IsReadFromARegularFileOnly) {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto problem = [](const std::string& path) {
    return problems_of_sink("    address: here\n    password_file: " + path + "\n");
  };
  EXPECT_EQ(problem(pipe), "f.yaml:10:20: error: password_file: " + pipe + " is a pipe; only a regular file is read\n");
  EXPECT_THAT(problem("/dev/zero"), HasSubstr("error: password_file: /dev/zero is a device; "));
  const std::string place = directory.path();
  EXPECT_THAT(problem(place), HasSubstr("error: password_file: " + place + " is a directory; "));
  write(directory / "large", std::string(70'000, 'x'));
  EXPECT_THAT(problem(directory / "large"), HasSubstr("large is larger than 65536 bytes"));
  write(directory / "empty", "\n");
  EXPECT_THAT(problem(directory / "empty"), HasSubstr("empty is empty"));
  std::filesystem::create_symlink(pipe, directory / "link");
  EXPECT_THAT(problem(directory / "link"), HasSubstr("link is a pipe; "));
  EXPECT_THAT(problem("/nope/password"), HasSubstr("warning: "));
}

TEST(Secret, HasNoByteOrderMark) {
  const test::TemporaryDirectory directory;
  for (const std::string_view mark : {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"}) {
    write(directory / "password", std::string(mark) + "hunter2\n");
    const auto read = Secret::of_file(directory / "password").read();
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().text, HasSubstr("byte order mark"));
    EXPECT_THAT(problems_of_sink("    address: ${file:" + (directory / "password").string() + "}\n"),
                HasSubstr("byte order mark"));
  }
}

TEST(Secret, HoldsNoNul) {
  const test::TemporaryDirectory directory;
  const std::string file = directory / "password";
  write(file, std::string_view("hunt\0er2\n", 9));
  const auto read = Secret::of_file(file).read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text, file + " holds a NUL character; is it a text file?");
  EXPECT_EQ(problems_of_sink("    address: x\n    password: \"hunt\\0er2\"\n"),
            "f.yaml:10:15: error: password: a NUL character is not allowed\n");
  EXPECT_EQ(problems_of_sink("    address: x\n    password_file: \"/pass\\0word\"\n"),
            "f.yaml:10:20: error: password_file: a NUL character is not allowed\n");
  EXPECT_THAT(problems_of_sink("    address: x\n    password: \"${file:" + file + "}\"\n"), HasSubstr("NUL"));
}

TEST(Secret, IsNotPartOfAnUnknownKey) {
  for (const std::string key : {"password:hunter2", "password=hunter2", "password hunter2", "passwordhunter2",
                                "\"password: hunter2\"", "unknown:hunter2"}) {
    ConfigurationText text;
    text.sinks = "  first: { type: sample, address: x, " + key + " }\n";
    EXPECT_THAT(text.problems(), HasSubstr("unknown key")) << key;
    EXPECT_THAT(text.problems(), Not(HasSubstr("hunter2"))) << key;
    text.sinks = "  first: { type: sample, address: x, " + key + ", " + key + " }\n";
    EXPECT_THAT(text.problems(), Not(HasSubstr("hunter2"))) << key;
  }
}

TEST(Secret, IsNotShownWhereAFlowMapSplitsIt) {
  for (const std::string entries :
       {"password: a,hunter2", "password: a,hunter2,hunter2", "password: a, hunter2: b", "password: a}hunter2",
        "password: 'it's,hunter2'", "password : \"x\" hunter2", "password: \"a\\qTail\", hunter2\"",
        "options: { sasl.password: a,hunter2 }", "options: { sasl.password: a,hunter2,hunter2 }",
        "options: { sasl.password: a},hunter2 }"}) {
    ConfigurationText text;
    text.sinks = "  first: { type: sample, address: x, " + entries + " }\n";
    EXPECT_THAT(text.problems(), HasSubstr("error: ")) << entries;
    EXPECT_THAT(text.problems(), Not(HasSubstr("hunter2"))) << entries;
    text = {};
    text.pbx.replace(text.pbx.find("password: open-sesame"), 21, entries);
    EXPECT_THAT(text.problems(), HasSubstr("error: ")) << entries;
    EXPECT_THAT(text.problems(), Not(HasSubstr("hunter2"))) << entries;
  }
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: x, password: a,hunter2, eagre }\n";
  EXPECT_EQ(text.problems(),
            "f.yaml:7:50: error: unknown key (it is not shown here, for it may be a part of the value "
            "before it, which must then stand in quotes)\n"
            "f.yaml:7:59: error: unknown key, did you mean \"eager\"? (it is not shown here, for it may "
            "be a part of the value before it, which must then stand in quotes)\n");
}

TEST(Secret, IsHiddenFromEveryProblemOfTheFile) {
  ConfigurationText text;
  text.sinks = "  first: { type: sample, address: x, password: unlikely-word, share: unlikely-word }\n";
  EXPECT_THAT(text.problems(), HasSubstr("share"));
  EXPECT_THAT(text.problems(), Not(HasSubstr("unlikely-word")));
}

TEST(Secret, InAUrlIsKnownToTheMask) {
  problems_of_sink(
      "    address: "
      "wss://u:one-Password@h/p?apikey=two-Key&pw=six-Words&a=b&c=three-long-enough-for-it&key={four-Template}\n");
  problems_of_sink("    address: wss://five-Token-without-password@h\n");
  for (const std::string hidden :
       {"one-Password", "two-Key", "six-Words", "three-long-enough-for-it", "five-Token-without-password"})
    EXPECT_EQ(text::without_secrets("<" + hidden + ">"), "<[secret]>");
  for (const std::string shown : {"u", "b", "four-Template"})
    EXPECT_EQ(text::without_secrets("<" + shown + ">"), "<" + shown + ">");
}

TEST(Secret, IsNotNamedWhereItLooksLikeATagOrAnAlias) {
  ConfigurationText text;
  for (const std::string password :
       {"!hunter2", "!!hunter2", "!hunter2 x", "!<hunter2> x", "*hunter2", "&hunter2 *x"}) {
    text.sinks = "  first: { type: sample, address: x, password: " + password + " }\n";
    EXPECT_THAT(text.problems(), HasSubstr("error: ")) << password;
    EXPECT_THAT(text.problems(), Not(HasSubstr("hunter2"))) << password;
  }
}

}  // namespace
}  // namespace pbxbridge::config
