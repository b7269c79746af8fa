#include "cli/commands.hpp"
#include "cli/reference_pages.hpp"
#include "config/generated_documents.hpp"
#include "config/load.hpp"
#include "observe/log_codes.hpp"
#include "pbxbridge/program.hpp"
#include "pbxbridge/sink_type.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <regex>
#include <sstream>

namespace pbxbridge::cli {
namespace {

std::string committed(const std::string& name) {
  std::ifstream file(PBXBRIDGE_SOURCE_DIRECTORY "/docs/reference/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ReferenceDocuments, OfTheConfigurationIsWhatTheProgramGenerates) {
  EXPECT_TRUE(committed("configuration.md") == config::reference_page(built_in_sink_types()))
      << "pbxbridge reference configuration > docs/reference/configuration.md";
}

TEST(ReferenceDocuments, OfTheLogCodesIsWhatTheProgramGenerates) {
  EXPECT_TRUE(committed("log-codes.md") == log_codes_page())
      << "pbxbridge reference log-codes > docs/reference/log-codes.md";
}

TEST(ReferenceDocuments, OfTheMetricsIsWhatTheProgramGenerates) {
  EXPECT_TRUE(committed("metrics.md") == metrics_page()) << "pbxbridge reference metrics > docs/reference/metrics.md";
}

TEST(ReferenceDocuments, HaveARowForEachLogCode) {
  const std::string page = log_codes_page();
  for (const observe::LogCode* code : observe::log_codes())
    EXPECT_THAT(page, testing::HasSubstr("| `" + std::string(code->name) + "` |"));
}

TEST(ReferenceDocuments, DescribeEveryFieldOfEveryTypeOfSink) {
  const std::string page = config::reference_page(built_in_sink_types());
  const auto schema = nlohmann::json::parse(config::json_schema(built_in_sink_types()));
  EXPECT_EQ(schema["properties"]["sinks"]["additionalProperties"]["allOf"].size(), built_in_sink_types().size());
  for (const SinkType& type : built_in_sink_types()) {
    EXPECT_THAT(page, testing::HasSubstr("## Sink type `" + std::string(type.name) + "`"));
    EXPECT_FALSE(type.text.empty());
    for (const config::Field& field : type.schema().fields()) {
      EXPECT_FALSE(field.text.text.empty()) << type.name << '.' << field.name;
      EXPECT_THAT(page, testing::HasSubstr("| `" + field.name + "`"));
    }
  }
}

TEST(StarterFile, IsValid) {
  const auto loaded = config::load_config_text(config::starter_file(built_in_sink_types()), built_in_sink_types());
  EXPECT_FALSE(loaded.report.has_errors()) << config::format_problems(loaded.report, "starter");
}

}  // namespace
}  // namespace pbxbridge::cli
