#include "config/generated_documents.hpp"
#include "configuration_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::config {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(JsonSchema, TellsFieldsRequirementsAndLimits) {
  const json schema = json::parse(json_schema(sample_sink_types()));
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], json({"pbx", "sinks", "routes"}));
  const json& pbx = schema["properties"]["pbx"]["items"];
  EXPECT_EQ(pbx["required"], json({"name", "url", "auth", "subscribe"}));
  EXPECT_EQ(pbx["properties"]["dialect"]["anyOf"][0]["enum"], json({"22", 22, "16", 16}));
  EXPECT_TRUE(pbx["properties"]["auth"]["properties"].contains("password_file"));
  EXPECT_EQ(pbx["properties"]["auth"]["allOf"][0]["not"]["required"], json({"password", "password_file"}));
  EXPECT_EQ(pbx["properties"]["subscribe_batch"]["anyOf"][0]["minimum"], 1);
}

TEST(JsonSchema, HasABranchForEachTypeOfSink) {
  const json schema = json::parse(json_schema(sample_sink_types()));
  const json& sink = schema["properties"]["sinks"]["additionalProperties"];
  EXPECT_EQ(sink["required"], json::array({"type"}));
  EXPECT_EQ(sink["properties"]["type"]["enum"], json::array({"sample"}));
  EXPECT_EQ(sink["allOf"][0]["if"]["properties"]["type"]["const"], "sample");
  const json& then = sink["allOf"][0]["then"];
  EXPECT_EQ(then["required"], json({"type", "address"}));
  EXPECT_EQ(then["additionalProperties"], false);
  EXPECT_TRUE(then["properties"].contains("reconnect"));
}

TEST(JsonSchema, TakesOneDestinationOrAList) {
  const json schema = json::parse(json_schema(sample_sink_types()));
  const json& to = schema["properties"]["routes"]["items"]["properties"]["to"]["anyOf"];
  EXPECT_EQ(to[0]["type"], "object");
  EXPECT_EQ(to[1]["type"], "array");
  EXPECT_TRUE(to[0]["properties"].contains("urgency")) << "an option of a type";
  EXPECT_TRUE(to[0]["properties"].contains("ticket_file"));
}

TEST(ReferencePage, HasARowForEachField) {
  const std::string page = reference_page(sample_sink_types());
  EXPECT_THAT(page, HasSubstr("| `patience` | duration | `1500ms` | Wait. 1s to 1m. |\n"));
  EXPECT_THAT(page, HasSubstr("| `address` | text | **required** | Where it is. Example: `here`. |\n"));
  EXPECT_THAT(page, HasSubstr("| `level` | whole number |  | One \\| two. 0 to 2. |\n"));
  EXPECT_THAT(page, HasSubstr("| `auth_retry` | map | `{initial: 30s, maximum: 5m}` |"));
  EXPECT_THAT(page, HasSubstr("| `queue_events` | `queues` |\n"));
  EXPECT_THAT(page, HasSubstr("\n## Sink type `sample`\n"));
  EXPECT_THAT(page, HasSubstr("| `urgency` | whole number |  | How soon. Or later. |\n"));
}

TEST(StarterFile, IsAValidConfiguration) {
  static const SinkType types[] = {{.name = "stdout",
                                    .text = "Prints.",
                                    .schema = &schema_of<SpoolConfig>,
                                    .read = [](const Node&, Report&) -> std::shared_ptr<const SinkSettings> {
                                      return std::make_shared<SampleSettings>();
                                    }},
                                   sample_sink_types()[0]};
  const std::string starter = starter_file(types);
  EXPECT_FALSE(load_config_text(starter, types).report.has_errors()) << starter;
  EXPECT_THAT(starter, HasSubstr("  # my_sample:  # For tests.\n"));
}

TEST(StarterFile, TellsOptionalFieldsAsComments) {
  const std::string starter = starter_file(sample_sink_types());
  EXPECT_THAT(starter, HasSubstr("    # connect_timeout: 15s  # "));
  EXPECT_THAT(starter, HasSubstr("      # urgency: 1  # (sample) How soon.\n"));
  EXPECT_THAT(starter, HasSubstr("    #   ca_file: /etc/pbxbridge/ca.pem  # "));
}

}  // namespace
}  // namespace pbxbridge::config
