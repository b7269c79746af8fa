#include "app/reload_difference.hpp"
#include "pbxbridge/config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Names = std::vector<std::string>;

constexpr const char* running =
    "pbx:\n"
    "  - { name: hq, url: 'ws://h/wsi', auth: { username: a, password: one }, subscribe: [{ topic: cdr_events }] }\n"
    "  - { name: branch, url: 'ws://b/wsi', auth: { username: b, password: two }, subscribe: [{ topic: cdr_events }] "
    "}\n"
    "sinks:\n"
    "  lake: { type: kafka, brokers: ['k:9092'] }\n"
    "  board: { type: mqtt, url: 'mqtt://m' }\n"
    "routes: [{ match: {}, to: { sink: lake, topic: t } }]\n"
    "admin: { listen: '127.0.0.1:1' }\n"
    "shutdown_timeout: 5s\n";

config::Node document(const std::string& text) {
  config::Report report;
  auto node = config::parse_document(text, report);
  EXPECT_FALSE(report.has_errors());
  return *node;
}

ReloadDifference difference_of(const config::Node& started, const config::Node& before, const config::Node& after) {
  return reload_difference(started, {before, {}}, {after, {}});
}

/// After each replacement of one text by another.
ReloadDifference difference(const std::vector<std::pair<std::string, std::string>>& edits) {
  std::string wanted = running;
  for (const auto& [from, to] : edits) {
    const auto position = wanted.find(from);
    EXPECT_NE(position, std::string::npos) << from;
    wanted.replace(position, from.size(), to);
  }
  return difference_of(document(running), document(running), document(wanted));
}

TEST(ReloadDifference, NamesSinksThatComeGoAndChange) {
  EXPECT_EQ(difference({{"k:9092", "k:9093"}}).sinks, (Changes{{}, {}, {"lake"}}));
  EXPECT_EQ(difference({{"  lake:", "  archive: { type: stdout }\n  lake:"}}).sinks, (Changes{{"archive"}, {}, {}}));
  EXPECT_EQ(difference({{"  board: { type: mqtt, url: 'mqtt://m' }\n", ""}}).sinks, (Changes{{}, {"board"}, {}}));
  EXPECT_EQ(difference({{"type: kafka, brokers: ['k:9092']", "type: stdout"}}).sinks, (Changes{{}, {}, {"lake"}}));
  EXPECT_EQ(difference({{"['k:9092']", "['k:9092', 'l:9092']"}}).sinks, (Changes{{}, {}, {"lake"}}));
}

TEST(ReloadDifference, TakesTheEntriesOfAMapInAnyOrder) {
  EXPECT_THAT(difference({{"type: kafka, brokers: ['k:9092']", "brokers: ['k:9092'], type: kafka"}}).sinks.changed,
              IsEmpty());
  EXPECT_THAT(difference({{"username: a, password: one", "password: one, username: a"}}).pbxs.changed, IsEmpty());
  EXPECT_THAT(difference({{"username: a, password: one", "password: one, usernam: a"}}).pbxs.changed,
              ElementsAre("hq"));
}

// The io thread does this at SIGHUP.
TEST(ReloadDifference, TakesNoSquareOfTheEntriesOfAMap) {
  std::string forwards;
  std::string backwards;
  for (int i = 0; i < 60'000; ++i) {
    const std::string entry = std::to_string(i) + ": x, ";
    forwards += entry;
    backwards.insert(0, entry);
  }
  const auto sink = [](const std::string& entries) { return "sinks: { a: { options: { " + entries + " } } }\n"; };
  const auto before = document(sink(forwards));
  EXPECT_THAT(difference_of(before, before, document(sink(backwards))).sinks.changed, IsEmpty());
}

TEST(ReloadDifference, ARenamedSinkIsARemovedAndAnAddedOne) {
  const auto renamed = difference({{"  lake:", "  pond:"}, {"sink: lake", "sink: pond"}});
  EXPECT_EQ(renamed.sinks, (Changes{{"pond"}, {"lake"}, {}}));
  EXPECT_EQ(changes_text(renamed), "sinks added: pond; sinks removed: lake");
}

TEST(ReloadDifference, NamesPbxsThatComeGoAndChangeWhereverTheyStand) {
  EXPECT_EQ(difference({{"password: one", "password: other"}}).pbxs, (Changes{{}, {}, {"hq"}}));
  EXPECT_EQ(difference({{"ws://h/wsi", "wss://h/wsi"}}).pbxs, (Changes{{}, {}, {"hq"}}));
  EXPECT_EQ(difference({{"name: hq", "name: main"}}).pbxs, (Changes{{"main"}, {"hq"}, {}}));
  EXPECT_EQ(difference({{"name: hq, url: 'ws://h/wsi', auth: { username: a, password: one }",
                         "name: branch, url: 'ws://b/wsi', auth: { username: b, password: two }"},
                        {"name: branch, url: 'ws://b/wsi', auth: { username: b, password: two }, subscribe: [{ topic: "
                         "cdr_events }] }\nsinks",
                         "name: hq, url: 'ws://h/wsi', auth: { username: a, password: one }, subscribe: [{ topic: "
                         "cdr_events }] }\nsinks"}})
                .pbxs,
            Changes{})
      << "their order does not count";
}

TEST(ReloadDifference, WhatARunningOneTakesDoesNotChangeIt) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"topic: t", "topic: u"},
           {"cdr_events", "queue_events"},
           {"5s", "6s"},
           {"127.0.0.1:1", "127.0.0.1:2"},
           {"url: 'mqtt://m'", "url: 'mqtt://m', start: earliest, dead_letters_to: { sink: lake, topic: d }"},
           {"type: kafka, brokers: ['k:9092']", "\n    brokers: [ \"k:9092\" ],\n    type: kafka"}}) {
    const auto unchanged = difference({{from, to}});
    EXPECT_TRUE(unchanged.sinks.empty()) << to;
    EXPECT_TRUE(unchanged.pbxs.empty()) << to;
    EXPECT_THAT(unchanged.needs_restart, IsEmpty()) << to;
    EXPECT_EQ(changes_text(unchanged), "no sink and no PBX has changed");
  }
}

TEST(ReloadDifference, NamesWhatNeedsARestart) {
  EXPECT_THAT(difference({{"shutdown_timeout",
                           "plugins: [/a.so]\nspool: { type: memory, path: /b, max_size: 1GiB }\n"
                           "shutdown_timeout"},
                          {"admin: { ", "admin: { control_socket: /c, "}})
                  .needs_restart,
              ElementsAre("plugins", "admin.control_socket", "spool.path", "spool.type"));
}

TEST(ReloadDifference, WhatNeedsARestartIsComparedWithTheStart) {
  const std::string moved = std::string(running) + "spool: { path: /b }\n";
  EXPECT_THAT(difference_of(document(running), document(moved), document(moved)).needs_restart,
              ElementsAre("spool.path"));
  EXPECT_THAT(difference_of(document(running), document(moved), document(running)).needs_restart, IsEmpty());
}

TEST(ReloadDifference, AFileWithOtherContentChangesTheSinkThatNamesItAndNoPbx) {
  const auto with_files = document(
      "pbx: [{ name: hq, tls: { ca_file: /ca } }]\n"
      "sinks: { lake: { type: kafka, tls: { ca_file: /ca } }, board: { type: mqtt, password_file: /secret } }\n");
  const auto difference = [&](const FileContents& before, const FileContents& after) {
    return reload_difference(with_files, {with_files, before}, {with_files, after});
  };
  EXPECT_EQ(difference({{"/ca", "1"}, {"/secret", "2"}}, {{"/ca", "3"}, {"/secret", "2"}}).sinks,
            (Changes{{}, {}, {"lake"}}));
  EXPECT_EQ(difference({{"/ca", "1"}, {"/secret", "2"}}, {{"/ca", "1"}, {"/secret", "3"}}).sinks,
            (Changes{{}, {}, {"board"}}));
  EXPECT_EQ(difference({{"/ca", "1"}}, {{"/ca", "3"}}).pbxs, Changes{});
  EXPECT_EQ(difference({{"/ca", "1"}}, {}).sinks, Changes{}) << "it cannot be read for now";
}

}  // namespace
}  // namespace pbxbridge::app
