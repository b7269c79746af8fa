#include "config/effective_text.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> problems(std::string_view yaml) {
  config::Report report;
  const auto document = config::parse_document(yaml, report);
  const auto* type = find_sink_type(built_in_sink_types(), document->find("type")->text());
  EXPECT_NE(type->read(*document, report), nullptr);
  std::vector<std::string> problems;
  for (const auto& problem : report.problems()) problems.push_back(problem.text);
  return problems;
}

TEST(SinkTypes, AreFoundByName) {
  std::vector<std::string_view> names;
  for (const auto& type : built_in_sink_types()) {
    names.push_back(type.name);
    EXPECT_EQ(find_sink_type(built_in_sink_types(), type.name), &type);
    EXPECT_FALSE(type.text.empty());
    EXPECT_FALSE(type.schema().fields().empty());
  }
  EXPECT_THAT(names, IsSupersetOf({"file", "kafka", "mqtt", "stdout"}));
  EXPECT_EQ(find_sink_type(built_in_sink_types(), "nats"), nullptr);
}

TEST(SinkTypes, TellWhichValuesOfAMapAreSecret) {
  config::Report report;
  const auto document = config::parse_document(
      "sinks:\n  board: { type: mqtt, user_properties: { authorization: \"Bearer xyz\", site: hq } }\n"
      "  lake: { type: kafka, options: { ssl.keystore.password: hunter2, linger.ms: 5 } }\n",
      report);
  const std::string text = config::effective_text(*document, built_in_sink_types());
  for (const char* hidden : {"xyz", "hunter2"}) EXPECT_THAT(text, Not(HasSubstr(hidden)));
  for (const char* shown : {"authorization: [secret]", "site: hq", "ssl.keystore.password: [secret]", "linger.ms: 5"})
    EXPECT_THAT(text, HasSubstr(shown)) << text;
}

TEST(FileSettings, AreReadWhole) {
  EXPECT_THAT(problems("{type: file, path: /var/log/e.ndjson, format: raw, max_file_size: 100MiB, rotate_every: 24h, "
                       "keep_files: 3, fsync: interval, fsync_interval: 5s}"),
              ElementsAre());
  EXPECT_THAT(problems("{type: stdout}"), ElementsAre());
}

TEST(FileSettings, ThatMakeNoSenseAreErrors) {
  EXPECT_THAT(problems("{type: file, path: /var/log/}"), ElementsAre("\"path\" must name a file"));
  EXPECT_THAT(
      problems("{type: file, path: /e, keep_files: 3}"),
      ElementsAre("\"keep_files\" needs \"max_file_size\" or \"rotate_every\": without them nothing is rotated"));
  EXPECT_THAT(problems("{type: file, path: /e, fsync_interval: 3s}"),
              ElementsAre("\"fsync_interval\" needs \"fsync: interval\""));
}

}  // namespace
}  // namespace pbxbridge::sink
