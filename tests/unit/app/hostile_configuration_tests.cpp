// Configurations that no operator writes on purpose: problems with their places, never a crash, a hang or a surprise.

#include "app/configuration.hpp"
#include "app/plugins.hpp"
#include "app/reload_difference.hpp"
#include "config/load.hpp"
#include "pbxbridge/program.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <new>
#include <string>
#include <string_view>

namespace pbxbridge::app {
namespace {

using testing::HasSubstr;

constexpr std::string_view pbx =
    "pbx: [{ name: hq, url: 'ws://h/wsi', auth: { username: a, password: b }, subscribe: [{ topic: cdr_events }] }]\n";
constexpr std::string_view sinks = "sinks: { a: { type: stdout } }\n";
constexpr std::string_view routes = "routes: [{ match: {}, to: { sink: a } }]\n";

std::string sound_but_for(std::string_view part) {
  std::string text(part);
  for (const auto whole : {pbx, sinks, routes})
    if (!part.starts_with(whole.substr(0, whole.find(':') + 1))) text += whole;
  return text;
}

/// Loads it as `check`, the start and SIGHUP do.
Configuration load(std::string_view text) {
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "f.yaml", std::ios::binary) << text;
  Plugins plugins(built_in_sink_types());
  return load_configuration(directory / "f.yaml", plugins);
}

void expect_problem(std::string_view text, std::string_view problem) {
  const Configuration configuration = load(text);
  EXPECT_TRUE(configuration.report.has_errors()) << text;
  EXPECT_THAT(config::format_problems(configuration.report, "f"), HasSubstr(std::string(problem))) << text;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(HostileConfiguration, IsSoundButForThePartExchanged) { EXPECT_FALSE(load(sound_but_for("")).report.has_errors()); }

TEST(HostileConfiguration, DuplicateKeysAreOneErrorAndTheFirstStands) {
  const std::string_view sinks_twice[] = {
      "sinks: { a: { type: x }, a: {} }\n",
      "sinks: { a: { type: stdout }, a: {} }\n",
      "sinks: { a: {}, a: { type: stdout } }\n",
      "sinks: { a: { type: stdout }, a: stdout }\n",
      "sinks: { a: { type: stdout }, a: [] }\n",
      "sinks: { a: 1, a: { type: kafka } }\n",
      "sinks: { a: { type: kafka }, a: { type: mqtt } }\n",
      "sinks: { a: { type: mqtt, url: 'mqtt://h' }, b: { type: stdout, dead_letters_to: { sink: a } }, a: {} }\n"};
  for (const auto text : sinks_twice) expect_problem(sound_but_for(text), "error: duplicate key \"a\", first given in");

  expect_problem(sound_but_for("sinks: { a: { type: stdout, type: x } }\n"), "duplicate key \"type\"");
  expect_problem(sound_but_for("sinks: ~\nsinks: { a: { type: x } }\n"), "duplicate key \"sinks\"");
  expect_problem(sound_but_for("sinks: { a: { type: x } }\nsinks: ~\n"), "duplicate key, first given in line 1");
  expect_problem(sound_but_for("sinks: { a: { type: stdout }, a: }\n"), "duplicate key, first given in line 1");
  expect_problem(sound_but_for("routes: []\nroutes: [{ match: {}, to: { sink: a } }]\n"), "duplicate key \"routes\"");
  expect_problem(sound_but_for("routes: [{ match: {}, match: 1, to: { sink: a } }]\n"), "duplicate key \"match\"");
  expect_problem(sound_but_for("routes: [{ match: { not: { caller: a }, not: 1 }, to: { sink: a } }]\n"),
                 "duplicate key \"not\"");
  expect_problem(sound_but_for("spool: { max_size: 1GiB, max_size: x }\n"), "duplicate key \"max_size\"");
  expect_problem(sound_but_for("pbx: []\npbx: 1\n"), "duplicate key \"pbx\"");
  expect_problem(sound_but_for("pbx: [{ auth: { password: a, password: b }, name: hq, name: hq }]\n"),
                 "duplicate key \"password\"");
  expect_problem(sound_but_for("unknown: { a: 1, a: 2 }\n"), "duplicate key \"a\"");

  const Configuration configuration = load(sound_but_for("sinks: { a: { type: stdout }, a: { type: kafka } }\n"));
  EXPECT_EQ(configuration.report.error_count(), 1);
  EXPECT_EQ(configuration.config.sinks.at("a").type, "stdout");
}

TEST(HostileConfiguration, NamesOfPbxesAreTakenOnce) {
  const std::string account =
      "{ name: hq, url: 'ws://h/wsi', auth: { username: a, password: b }, subscribe: [{ topic: cdr_events }] }";
  expect_problem(sound_but_for("pbx: [" + account + ", " + account + "]\n"), "the name \"hq\" is taken by the PBX");
}

TEST(HostileConfiguration, WhatIsNotThereIsMissed) {
  for (const std::string_view part : {"pbx: ~\n", "pbx: [~]\n", "pbx: [[]]\n", "pbx: {}\n", "pbx: [{}]\n"})
    expect_problem(sound_but_for(part), "f:1:");
  for (const std::string_view part :
       {"sinks: ~\n", "sinks: []\n", "sinks: {}\n", "sinks: { a: ~ }\n", "sinks: { a: {} }\n",
        "sinks: { a: { type: ~ } }\n", "sinks: { a: { type: '' } }\n", "sinks: { a: { type: {} } }\n",
        "sinks: { a: { type: mqtt } }\n", "sinks: { ~: {} }\n"})
    expect_problem(sound_but_for(part), "f:1:");
  for (const std::string_view part :
       {"routes: ~\n", "routes: [~]\n", "routes: [{ match: ~, to: ~ }]\n", "routes: [{ match: {}, to: [~] }]\n",
        "routes: [{ match: {}, to: [] }]\n", "routes: [{ match: { not: ~ }, to: { sink: a } }]\n",
        "routes: [{ match: { caller: ~ }, to: { sink: a } }]\n", "routes: [{ match: {}, to: { sink: ~ } }]\n"})
    expect_problem(sound_but_for(part), "f:1:");
}

TEST(HostileConfiguration, AliasesAreBoundedAndMergeKeysAreUnknown) {
  expect_problem(sound_but_for("sinks: { a: &x { type: stdout, <<: *x } }\n"), "an alias stands inside what it names");
  expect_problem(sound_but_for("sinks: { a: &x { type: stdout }, b: { type: stdout, <<: *x } }\n"),
                 "unknown key \"<<\"");
  expect_problem(sound_but_for("sinks: &x { a: { type: stdout, options: *x } }\n"), "an alias stands inside");
  expect_problem(
      "a: &a [x, x, x, x, x, x, x, x, x]\n" +
          [] {
            std::string laughs;
            for (char name = 'b'; name < 'm'; ++name)
              laughs += std::string{name} + ": &" + name + " [" +
                        repeated(std::string("*") + char(name - 1) + ", ", 9) + "]\n";
            return laughs;
          }(),
      "aliases counted each time");
  EXPECT_FALSE(load(sound_but_for("sinks: { a: &x { type: stdout }, b: *x }\n")).report.has_errors());
}

TEST(HostileConfiguration, KeysAreTexts) {
  for (const std::string_view part :
       {"? [a]\n: b\n", "? { a: b }\n: c\n", "sinks: { [a]: b }\n", "sinks: { ? { a: b } }\n"})
    expect_problem(sound_but_for(part), "a key must be a text");
}

TEST(HostileConfiguration, IsOneDocumentOfText) {
  expect_problem("", "the file holds no configuration");
  expect_problem("---\n...\n---\n", "f:");
  expect_problem(sound_but_for("") + "---\n" + sound_but_for(""), "a second YAML document");
  expect_problem("pbx:\n\t- a\n", "a tab in the indentation");
  expect_problem(std::string_view("pbx: \0", 6), "a NUL character");
  expect_problem(std::string(10 * 1024 * 1024, '#'), "is larger than 1048576 bytes");
  for (const std::string_view text : {"\xff\xfe",
                                      "\xef\xbb\xbf",
                                      "%YAML 9.9\n---\na: b\n",
                                      "%TAG ! a\n%TAG ! a\n---\n",
                                      "!",
                                      "&",
                                      "*",
                                      "?",
                                      ":",
                                      "-",
                                      "|",
                                      ">",
                                      "'",
                                      "\"",
                                      "@",
                                      "`",
                                      "{",
                                      "[",
                                      "}",
                                      "]",
                                      ",",
                                      "&a *a"})
    expect_problem(text, "f:");
}

// yaml-cpp calls itself for what stands inside, and looks ahead: neither may cost the stack or minutes.
TEST(HostileConfiguration, DepthAndLengthCostNeitherStackNorTime) {
  constexpr std::size_t length = 1000 * 1000;
  for (const std::string_view unit :
       {"[",   "{",   "- ",   "? ", ": ", "!a ",   "&a ", "a: ", "[a: ", "{a: ", "{? ", "\"", "'",
        "|\n", ">\n", "a:\n", "[]", "{}", "- a\n", "\n",  "#\n", "*a ",  "%",    "a",   "a,", "[? "})
    expect_problem(repeated(unit, length / unit.size()), "f:");
}

TEST(HostileConfiguration, TextIsBoundedWithAliasesCountedEachTime) {
  expect_problem(
      sound_but_for("admin: { listen: '', hosts: [&a " + std::string(100'000, 'a') + repeated(",*a", 15'000) + "] }\n"),
      "more than 4194304 bytes of text");
}

TEST(HostileConfiguration, IsRejectedWhereTheMemoryDoesNotSuffice) {
  class Exhausted final : public config::SinkSources {
    std::vector<SinkType> load(const std::vector<config::Located<std::filesystem::path>>&, std::span<const std::string>,
                               config::Report&) override {
      throw std::bad_alloc();
    }
  };
  const test::TemporaryDirectory directory;
  std::ofstream(directory / "f.yaml") << sound_but_for("");
  Exhausted sources;
  const Configuration configuration = load_configuration(directory / "f.yaml", sources);
  EXPECT_EQ(config::format_problems(configuration.report, "f"),
            "f: error: the memory does not suffice for this configuration\n");
}

TEST(HostileConfiguration, AReloadComparesDocumentsOfAnyForm) {
  const std::string_view texts[] = {"pbx: 1\nsinks: 2\n",    "pbx: [1]\nsinks: { a: 1 }\n",
                                    "pbx: {}\nsinks: []\n",  "pbx: [{}, {}]\nsinks: { a: {}, b: ~ }\n",
                                    "spool: []\nadmin: 1\n", "a"};
  for (const auto one : texts)
    for (const auto other : texts)
      EXPECT_NO_THROW(reload_difference(*load(one).config.document, {*load(one).config.document, {}},
                                        {*load(other).config.document, {}}));
}

}  // namespace
}  // namespace pbxbridge::app
