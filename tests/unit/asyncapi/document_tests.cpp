#include "asyncapi/document.hpp"
#include "config/load.hpp"
#include "pbxbridge/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace pbxbridge::asyncapi {
namespace {

using Json = nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr std::string_view pbx =
    "pbx:\n"
    "  - { name: hq, url: \"wss://hq:8887/wsi\", auth: { username: u, domain: d, password: very-secret-one },\n"
    "      subscribe: [ { topic: cdr_events }, { topic: queue_events, queues: [\"8001\"] } ] }\n"
    "  - { name: old, url: \"wss://old:8887/wsi\", dialect: \"16\", auth: { username: u, domain: d, password: x },\n"
    "      subscribe: [ { topic: extension_events, keys: [call_start, call_hold] }, { topic: trunk_events, "
    "keys: [trunk_connected] } ] }\n";

Json document_of(const std::string& rest) {
  const auto loaded = config::load_config_text(std::string(pbx) + rest, built_in_sink_types());
  EXPECT_FALSE(loaded.report.has_errors()) << config::format_problems(loaded.report, "test");
  return Json::parse(document(loaded.config, built_in_sink_types()));
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

constexpr const char* board =
    "sinks:\n"
    "  board: { type: mqtt, url: \"mqtts://u.example.com\", username: u, password: very-secret-two }\n";

TEST(AsyncApiDocument, HasAChannelForTheTemplateOfATopicWithTheValuesThatItCanTake) {
  const Json document =
      document_of(std::string(board) +
                  "routes:\n"
                  "  - match: { family: [queue, cdr], pbx: hq }\n"
                  "    to: { sink: board, topic: \"pbx/{pbx}/{family}/{entity|all}/{payload.a.b}\" }\n");
  const Json channel = document["channels"]["board.pbx.pbx.family.entity.all.payload.a.b"];
  EXPECT_EQ(channel["address"], "pbx/{pbx}/{family}/{entity}/{payload_a_b}");
  EXPECT_EQ(channel["servers"], Json::parse(R"([{"$ref":"#/servers/board"}])"));
  const Json parameters = channel["parameters"];
  EXPECT_EQ(parameters["pbx"]["enum"], Json::array({"hq"}));
  EXPECT_EQ(parameters["family"]["enum"], Json::array({"cdr", "queue"}));
  EXPECT_EQ(parameters["entity"]["default"], "all");
  EXPECT_FALSE(parameters["entity"].contains("enum"));
  EXPECT_THAT(parameters["payload_a_b"]["description"], HasSubstr("payload.a.b"));
  EXPECT_THAT(keys(channel["messages"]), Contains("queue_status.board"));
  EXPECT_EQ(document["components"]["messages"]["queue_status.board"]["payload"]["$ref"],
            "#/components/schemas/queue_status");
}

TEST(AsyncApiDocument, HasTheFallbackTopicOfATemplate) {
  const Json document = document_of(std::string(board) +
                                    "routes:\n"
                                    "  - match: { event_type: call_cdr }\n"
                                    "    to: { sink: board, topic: \"{entity}\" }\n"
                                    "  - match: { event_type: call_start }\n"
                                    "    to: { sink: board, topic: fixed }\n");
  EXPECT_THAT(keys(document["channels"]), UnorderedElementsAre("board.entity", "board.pbx.unroutable", "board.fixed",
                                                               "board.pbxbridge.board.status"));
  EXPECT_EQ(document["channels"]["board.pbx.unroutable"]["address"], "pbx/unroutable");
}

TEST(AsyncApiDocument, LeavesTheAddressOpenWhereTheTopicHasBraces) {
  const Json document =
      document_of(std::string(board) + "routes: [ { match: {}, to: { sink: board, topic: \"a{{b}}{entity}\" } } ]\n");
  EXPECT_TRUE(document["channels"]["board.a.b.entity"]["address"].is_null());
}

TEST(AsyncApiDocument, SaysOfEachRouteHowItsMessagesAreSent) {
  const Json document = document_of(std::string(board) +
                                    "routes:\n"
                                    "  - match: { event_type: queue_status }\n"
                                    "    to: { sink: board, topic: q, qos: 2, retain: true, message_expiry: 1m }\n"
                                    "  - match: { event_type: call_cdr }\n"
                                    "    to: { sink: board, topic: q }\n");
  EXPECT_EQ(document["operations"]["route.1.1"]["bindings"]["mqtt"],
            Json::parse(R"({"qos":2,"retain":true,"messageExpiryInterval":60,"bindingVersion":"0.2.0"})"));
  EXPECT_EQ(document["operations"]["route.2.1"]["bindings"]["mqtt"],
            Json::parse(R"({"qos":1,"retain":false,"bindingVersion":"0.2.0"})"));
  EXPECT_THAT(document["operations"]["route.2.1"]["messages"],
              ElementsAre(Json::parse(R"({"$ref":"#/channels/board.q/messages/call_cdr.board"})")));
  EXPECT_THAT(keys(document["channels"]["board.q"]["messages"]),
              UnorderedElementsAre("queue_status.board", "call_cdr.board"));
}

TEST(AsyncApiDocument, HasTheStatusTopicOfAnMqttSink) {
  const Json document =
      document_of(std::string(board) + "routes: [ { match: {}, to: { sink: board, topic: all } } ]\n");
  const Json channel = document["channels"]["board.pbxbridge.board.status"];
  EXPECT_EQ(channel["address"], "pbxbridge/board/status");
  EXPECT_EQ(channel["messages"]["status"]["payload"]["enum"], Json::array({"online", "offline"}));
  EXPECT_EQ(document["operations"]["own.board.1"]["bindings"]["mqtt"]["retain"], true);
}

TEST(AsyncApiDocument, NamesTheServersAndNoSecret) {
  const Json document = document_of(
      "sinks:\n"
      "  board: { type: mqtt, url: \"mqtts://u.example.com\", username: u, password: very-secret-two }\n"
      "  lake: { type: kafka, brokers: [\"a:9092\", \"b:9092\"], tls: {},\n"
      "          sasl: { mechanism: SCRAM-SHA-256, username: u, password: very-secret-three } }\n"
      "  log: { type: file, path: /tmp/log }\n"
      "routes: [ { match: {}, to: [ { sink: board, topic: all }, { sink: lake, topic: all }, { sink: log } ] } ]\n");
  EXPECT_EQ(document["servers"]["board"],
            Json::parse(R"({"host":"u.example.com:8883","protocol":"mqtts","protocolVersion":"5",
                            "security":[{"type":"userPassword"}]})"));
  EXPECT_EQ(document["servers"]["lake_2"],
            Json::parse(R"({"host":"b:9092","protocol":"kafka-secure","security":[{"type":"scramSha256"}]})"));
  EXPECT_EQ(document["channels"]["lake.all"]["servers"].size(), 2U);
  EXPECT_THAT(document.dump(), Not(HasSubstr("very-secret")));
  EXPECT_THAT(keys(document["channels"]), Not(Contains(HasSubstr("log"))));
}

TEST(AsyncApiDocument, HasTheHeadersOfTheSinksOwnMessages) {
  const Json document = document_of(
      "sinks:\n  lake: { type: kafka, brokers: [\"a:9092\"] }\n"
      "routes:\n  - match: { event_type: call_cdr }\n    to: { sink: lake, topic: t, key: \"{session_id}\" }\n");
  const Json trait = document["components"]["messageTraits"]["lake"];
  EXPECT_EQ(trait["contentType"], "application/json");
  EXPECT_EQ(trait["headers"]["properties"]["ce_specversion"]["const"], "1.0");
  EXPECT_FALSE(trait["headers"]["properties"]["ce_type"].contains("const"));
  EXPECT_TRUE(trait["headers"]["properties"].contains("ce_snapshot"));
  EXPECT_THAT(keys(trait["headers"]["properties"]),
              IsSupersetOf({"ce_id", "ce_source", "ce_subject", "ce_redelivered"}));
  EXPECT_THAT(trait["headers"]["required"], IsSupersetOf({"ce_specversion", "ce_id", "ce_source", "ce_type"}));
  EXPECT_THAT(trait["headers"]["required"], Not(Contains("ce_subject")));
  EXPECT_THAT(trait["bindings"]["kafka"]["key"]["description"], HasSubstr("{session_id}"));
}

TEST(AsyncApiDocument, PutsTheEventIntoTheEnvelopeOfTheStructuredMode) {
  const Json document = document_of(
      "sinks:\n  lake: { type: kafka, brokers: [\"a:9092\"], format: cloudevents_structured }\n"
      "routes:\n"
      "  - match: { event_type: call_cdr }\n"
      "    to: [ { sink: lake, topic: t }, { sink: lake, topic: t, format: raw } ]\n");
  const Json messages = document["components"]["messages"];
  EXPECT_EQ(messages["call_cdr.lake"]["payload"]["allOf"][1]["properties"]["data"]["$ref"],
            "#/components/schemas/call_cdr");
  EXPECT_EQ(messages["call_cdr.lake.2"]["payload"]["$ref"], "#/components/schemas/call_cdr");
  const Json envelope = document["components"]["schemas"]["cloudevent.lake"];
  EXPECT_THAT(envelope["required"], IsSupersetOf({"specversion", "id", "source", "type"}));
  EXPECT_THAT(envelope["required"], Not(Contains("tenant")));
}

TEST(AsyncApiDocument, SaysWhereTheSchemaIsThatOfTheSimulatedPbx) {
  const Json document =
      document_of(std::string(board) + "routes: [ { match: {}, to: { sink: board, topic: all } } ]\n");
  const Json messages = document["components"]["messages"];
  for (const std::string type : {"call_start", "call_hold", "trunk_connected"}) {
    ASSERT_TRUE(messages.contains(type + ".v16.board")) << type;
    EXPECT_EQ(messages[type + ".v16.board"]["payload"]["$ref"], "#/components/schemas/" + type);
    EXPECT_THAT(messages[type + ".v16.board"]["summary"], HasSubstr("the simulated PBX"));
    EXPECT_EQ(document["components"]["schemas"][type]["properties"]["event_type"]["const"], type);
  }
  EXPECT_FALSE(messages["call_cdr.board"].contains("summary"));
  EXPECT_EQ(messages["unknown.board"]["payload"], Json::object());
}

TEST(AsyncApiDocument, HasTheFormOfWhatIsAnnouncedToHomeAssistant) {
  const Json document = document_of(
      std::string(board) +
      "routes: [ { match: { event_type: bridge_home_assistant }, to: { sink: board, topic: h, retain: true } } ]\n");
  EXPECT_EQ(document["components"]["messages"]["bridge_home_assistant.board"]["payload"]["$ref"],
            "#/components/schemas/bridge_home_assistant");
  EXPECT_THAT(document["components"]["schemas"]["bridge_home_assistant"]["required"],
              IsSupersetOf({"device", "origin", "components"}));
}

TEST(AsyncApiDocument, HasNothingElseWhereARouteTakesAnEventOfPbxbridgesOwn) {
  const Json document = document_of(
      std::string(board) + "routes: [ { match: { event_type: bridge_link }, to: { sink: board, topic: l } } ]\n");
  EXPECT_THAT(keys(document["channels"]["board.l"]["messages"]), ElementsAre("bridge_link.board"));
}

TEST(AsyncApiDocument, HasWhereDeadLettersGo) {
  const Json document = document_of(
      "sinks:\n"
      "  board: { type: mqtt, url: \"mqtt://localhost\", dead_letters_to: { sink: lake, topic: rejected } }\n"
      "  lake: { type: kafka, brokers: [\"a:9092\"] }\n"
      "routes: [ { match: { event_type: call_cdr }, to: { sink: board, topic: all } } ]\n");
  EXPECT_THAT(keys(document["channels"]["lake.rejected"]["messages"]), ElementsAre("call_cdr.lake"));
}

TEST(AsyncApiDocument, HasTheExchangeOfAnAmqpSink) {
  const Json document = document_of(
      "sinks:\n  rabbit: { type: amqp, url: \"amqp://localhost\" }\n"
      "routes:\n  - match: { event_type: call_cdr }\n"
      "    to: [ { sink: rabbit, topic: a }, { sink: rabbit, topic: a, exchange: other } ]\n");
  EXPECT_EQ(document["channels"]["rabbit.a"]["bindings"]["amqp"]["exchange"]["name"], "amq.topic");
  EXPECT_EQ(document["channels"]["rabbit.a.2"]["bindings"]["amqp"]["exchange"]["name"], "other");
}

}  // namespace
}  // namespace pbxbridge::asyncapi
