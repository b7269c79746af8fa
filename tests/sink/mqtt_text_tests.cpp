// Every kind of character that a PBX can put into an event, in topics and user properties, on a real broker. mosquitto
// closes the connection for one that it rejects.

#include "config/load.hpp"
#include "event/classifier.hpp"
#include "pbxbridge/event.hpp"
#include "pbxbridge/program.hpp"
#include "route/router.hpp"
#include "sink/mqtt_sink_fixture.hpp"
#include "support/code_points.hpp"
#include "support/mosquitto_broker.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace pbxbridge::test {
namespace {

using testing::IsEmpty;

constexpr std::string_view routes = R"(
pbx: [{name: hq, url: 'wss://pbx.test:8887/wsi', auth: {username: a, password: b}, subscribe: [{topic: cdr_events}]}]
sinks: {board: {type: mqtt, url: 'mqtt://localhost'}}
routes: [{match: {}, to: {sink: board, topic: 'calls/{caller|none}/{session_id|none}'}}]
)";

std::string escaped(char32_t code_point) {
  if (code_point < 0x10000) return fmt::format("\\u{:04x}", static_cast<unsigned>(code_point));
  const auto offset = static_cast<unsigned>(code_point) - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (offset >> 10), 0xdc00 + (offset & 0x3ff));
}

std::string raw(char32_t code_point) {
  if (code_point == '"' || code_point == '\\') return "\\" + utf8(code_point);
  return utf8(code_point);
}

/// One payload for each way to write the character: the caller becomes a level of the topic, type, tenant and session
/// id become user properties.
std::vector<std::string> payloads_with(char32_t code_point) {
  std::vector<std::string> payloads;
  for (const auto& character : {escaped(code_point), raw(code_point)})
    payloads.push_back(fmt::format(
        R"({{"event_type":"a{0}b","tenant_id":"{0}","session_id":"{0}1","caller":"{0}","extension":""}})", character));
  return payloads;
}

class MqttText : public MqttSinkTest {
 protected:
  MqttText() {
    auto loaded = config::load_config_text(routes, built_in_sink_types());
    router_ = route::Router::compile(loaded.config, built_in_sink_types(), loaded.report);
    EXPECT_FALSE(loaded.report.has_errors()) << config::format_problems(loaded.report, "routes");
  }

  Delivery delivery_of(std::string_view payload) {
    const auto event = classifier_.classify(payload, "hq", SystemTime(std::chrono::seconds(1'764'000'000)), 1).event;
    event->accept(Sequence{++token_}, *SpoolId::from_text("0123456789abcdef"));
    std::vector<route::Routed> routed;
    router_->route(*event, "board", scratch_, routed);
    EXPECT_EQ(routed.size(), 1U);
    return {.token = token_, .event = event, .topic = routed.at(0).topic, .options = routed.at(0).options};
  }

  /// Each of them one after the other, so that a rejection names its character.
  void expect_delivered(const std::vector<char32_t>& code_points, const std::string& settings) {
    const MosquittoBroker broker;
    RunningSink sink(loop_, mqtt_settings(yaml(broker, settings)));
    ASSERT_TRUE(sink.connected()) << sink.loss();
    for (const char32_t code_point : code_points)
      for (const auto& payload : payloads_with(code_point)) {
        const auto outcome = sink.outcome_of(delivery_of(payload));
        ASSERT_EQ(outcome.kind, Outcome::Kind::delivered) << payload << ": " << outcome.reason;
        ASSERT_THAT(sink.observer.losses, IsEmpty()) << payload;
      }
  }

  event::Classifier classifier_;
  std::shared_ptr<const route::Router> router_;
  route::Router::Scratch scratch_;
  std::uint64_t token_ = 0;
};

TEST_F(MqttText, OfEveryKindThatABrokerMayRejectIsDelivered) {
  std::vector<char32_t> refusable;
  for (char32_t code_point = 0; code_point <= last_code_point; ++code_point)
    if (is_refusable(code_point) && (!is_surrogate(code_point) || (code_point & 0xff) == 0))
      refusable.push_back(code_point);
  ASSERT_EQ(refusable.size(), 65U + 66U + 8U);
  expect_delivered(refusable, "format: cloudevents");
  expect_delivered(refusable, "format: raw, version: 3.1.1");
}

TEST_F(MqttText, FromAnyPlaneIsDelivered) {
  std::mt19937 random(13);
  std::vector<char32_t> anywhere;
  for (char32_t plane = 0; plane <= 0x10; ++plane)
    for (int i = 0; i < 30; ++i) anywhere.push_back((plane << 16) | (random() & 0xffff));
  expect_delivered(anywhere, "format: cloudevents");
}

}  // namespace
}  // namespace pbxbridge::test
