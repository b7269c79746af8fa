// Both clients of the mqtt sink on brokers that do not do what they should: the same becomes of the events.

#include "sink/mqtt_scripted_broker.hpp"
#include "sink/mqtt_sink_fixture.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// Packets as the broker sends them (MQTT 5.0, 3); `id` is a packet identifier as its two bytes.

std::string packet(char first, const std::string& body) {
  return first + std::string{static_cast<char>(body.size())} + body;
}
std::string connack(char code, const std::string& properties = {}) {
  return packet('\x20', "\0"s + code + static_cast<char>(properties.size()) + properties);
}
std::string connack_3_1_1(char code) { return packet('\x20', "\0"s + code); }
std::string puback(const std::string& id) { return packet('\x40', id); }
std::string puback(const std::string& id, int code) { return packet('\x40', id + static_cast<char>(code)); }
std::string pubrec(const std::string& id) { return packet('\x50', id); }
std::string pubrec(const std::string& id, int code) { return packet('\x50', id + static_cast<char>(code)); }
std::string pubcomp(const std::string& id) { return packet('\x70', id); }
std::string pubcomp(const std::string& id, int code) { return packet('\x70', id + static_cast<char>(code)); }
std::string disconnect(int code) { return packet('\xE0', std::string{static_cast<char>(code)}); }
std::string other(std::string id) {
  id.back() = static_cast<char>(id.back() + 1);
  return id;
}

using Answer = std::function<std::string(const std::string& id)>;
Answer bytes(std::string text) {
  return [=](const std::string&) { return text; };
}

/// Answers with it, and closes the connection.
const std::string hang_up = "(hang up)";

struct Misbehaviour {
  const char* name;
  /// Fate of the event: an outcome, "lost" with the connection, or "not connected".
  std::string outcome;
  Answer to_connect = bytes(connack(0));
  Answer to_publish = [](const std::string& id) { return puback(id); };
  Answer to_pubrel = [](const std::string& id) { return pubcomp(id); };
  std::string settings = {};
  std::string payload = "{}";

  friend void PrintTo(const Misbehaviour& row, std::ostream* out) { *out << row.name; }
};

const std::string qos_2 = ", qos: 2";
const std::string qos_2_in_3_1_1 = ", qos: 2, version: 3.1.1";
const std::string version_3 = ", version: 3.1.1";

std::vector<Misbehaviour> of_connecting() {
  const auto to_connect = [](const char* name, std::string outcome, Answer answer, std::string settings = {}) {
    return Misbehaviour{
        .name = name, .outcome = std::move(outcome), .to_connect = std::move(answer), .settings = std::move(settings)};
  };
  return {
      to_connect("RejectsForNoReason", "not connected", bytes(connack('\x80'))),
      to_connect("RejectsTheAccount", "not connected", bytes(connack('\x87'))),
      to_connect("IsUnavailable", "not connected", bytes(connack('\x88'))),
      to_connect("RejectsForAnUnknownReason", "not connected", bytes(connack('\xC0'))),
      to_connect("RejectsTheAccountIn311", "not connected", bytes(connack_3_1_1(5)), version_3),
      to_connect("RejectsForAnUnknownReasonIn311", "not connected", bytes(connack_3_1_1(77)), version_3),
      to_connect("CutsItsConnack", "not connected", bytes("\x20\x01\0"s)),
      to_connect("SendsAnEmptyConnack", "not connected", bytes("\x20\0"s)),
      to_connect("PromisesPropertiesThatItDoesNotSend", "not connected", bytes("\x20\x03\0\0\x05"s)),
      to_connect("SendsAPropertyThatDoesNotExist", "not connected", bytes(connack(0, "\x7E\x01"s))),
      to_connect("KeepsASessionThatItWasToForget", "not connected", bytes("\x20\x03\x01\0\0"s)),
      to_connect("AcknowledgesBeforeItAccepts", "not connected", bytes("\x40\x02\0\x01"s)),
      to_connect("AnswersAPingBeforeItAccepts", "not connected", bytes("\xD0\0"s)),
      to_connect("SaysNothingToConnect", "not connected", bytes("")),
      to_connect("HangsUpOnConnect", "not connected", bytes(hang_up)),
      to_connect("SpeaksHttp", "not connected", bytes("HTTP/1.1 400 Bad Request\r\n\r\n")),
      to_connect("DisconnectsInsteadOfConnack", "not connected", bytes(disconnect(0x89) + hang_up)),
      to_connect("TakesNoQos2", "not connected", bytes(connack(0, "\x24\x01"s)), qos_2),
      to_connect("TakesNoRetained", "not connected", bytes(connack(0, "\x25\0"s)), ", retain: true"),
      Misbehaviour{.name = "AcceptsTwice",
                   .outcome = "lost",
                   .to_connect = bytes(connack(0) + connack(0)),
                   .to_publish = bytes("")},
      Misbehaviour{.name = "TakesSmallPackets",
                   .outcome = "reject",
                   .to_connect = bytes(connack(0, "\x27\0\0\0\x40"s)),
                   .payload = std::string(200, 'x')},
      to_connect("TakesOneAtATime", "delivered", bytes(connack(0, "\x21\0\x01"s))),
  };
}

std::vector<Misbehaviour> of_qos_1() {
  const auto to_publish = [](const char* name, std::string outcome, Answer answer, std::string settings = {}) {
    return Misbehaviour{.name = name,
                        .outcome = std::move(outcome),
                        .to_connect = bytes(settings == version_3 ? connack_3_1_1(0) : connack(0)),
                        .to_publish = std::move(answer),
                        .settings = std::move(settings)};
  };
  return {
      to_publish("HasNoSubscribers", "delivered", [](auto& id) { return puback(id, 0x10); }),
      to_publish("RejectsForNow", "retry", [](auto& id) { return puback(id, 0x80); }),
      to_publish("ForbidsTheTopic", "reject", [](auto& id) { return puback(id, 0x87); }),
      to_publish("HasAQuota", "retry", [](auto& id) { return puback(id, 0x97); }),
      to_publish("RejectsThePayload", "reject", [](auto& id) { return puback(id, 0x99); }),
      to_publish("RejectsAnEventForAnUnknownReason", "retry", [](auto& id) { return puback(id, 0xC0); }),
      to_publish("AcknowledgesWithAnUnknownReason", "delivered", [](auto& id) { return puback(id, 0x42); }),
      to_publish("AnswersQos1AsQos2", "retry", [](auto& id) { return pubrec(id); }),
      to_publish(
          "AnswersQos1AsQos2In311", "retry", [](auto& id) { return pubrec(id); }, version_3),
      to_publish("RejectsQos1ByPubrec", "lost", [](auto& id) { return pubrec(id, 0x97); }),
      to_publish("CompletesQos1", "lost", [](auto& id) { return pubcomp(id); }),
      to_publish(
          "CompletesQos1In311", "lost", [](auto& id) { return pubcomp(id); }, version_3),
      to_publish("AcknowledgesAnother", "lost", [](auto& id) { return puback(other(id)); }),
      to_publish("AcknowledgesAnotherFirst", "delivered", [](auto& id) { return puback(other(id)) + puback(id); }),
      to_publish("AcknowledgesTwice", "delivered", [](auto& id) { return puback(id) + puback(id); }),
      to_publish("AcknowledgesNoIdentifier", "lost", bytes("\x40\x02\0\0"s)),
      to_publish("CutsItsPuback", "lost", bytes("\x40\x01\0"s)),
      to_publish("CutsThePropertiesOfItsPuback", "lost", [](auto& id) { return packet('\x40', id + "\0\x05"s); }),
      to_publish("SendsALengthWithoutEnd", "lost", bytes("\x40\xFF\xFF\xFF\xFF\x01"s)),
      to_publish("AcknowledgesNothing", "lost", bytes("")),
      to_publish("HangsUpOnAnEvent", "lost", bytes(hang_up)),
      to_publish("DisconnectsForAQuota", "lost", bytes(disconnect(0x97) + hang_up)),
      to_publish("SaysThatTheSessionWasTakenOver", "lost", bytes(disconnect(0x8E) + hang_up)),
      to_publish("SendsAMessageOfItsOwn", "delivered",
                 [](auto& id) { return packet('\x32', "\0\x01t\0\x07\0x"s) + puback(id); }),
      to_publish("ReleasesWhatItNeverSent", "delivered",
                 [](auto& id) { return packet('\x62', "\0\x07"s) + puback(id); }),
      to_publish("AnswersAPingThatWasNotSent", "delivered", [](auto& id) { return "\xD0\0"s + puback(id); }),
      to_publish("SendsAConnect", "lost", bytes("\x10\0"s)),
      to_publish("SendsAReservedPacket", "lost", bytes("\0\0"s)),
      to_publish("SendsHttpInPlaceOfAnAcknowledgement", "lost", bytes("HTTP/1.1 400 Bad Request\r\n\r\n")),
  };
}

std::vector<Misbehaviour> of_qos_2() {
  const auto exchange = [](
                            const char* name, std::string outcome, Answer to_publish,
                            Answer to_pubrel = [](const std::string& id) { return pubcomp(id); },
                            std::string settings = qos_2) {
    return Misbehaviour{.name = name,
                        .outcome = std::move(outcome),
                        .to_connect = bytes(settings == qos_2 ? connack(0) : connack_3_1_1(0)),
                        .to_publish = std::move(to_publish),
                        .to_pubrel = std::move(to_pubrel),
                        .settings = std::move(settings)};
  };
  const Answer received = [](const std::string& id) { return pubrec(id); };
  const Answer completed = [](const std::string& id) { return pubcomp(id); };
  const Answer acknowledged = [](const std::string& id) { return puback(id); };
  return {
      exchange("KeepsToQos2", "delivered", received),
      exchange("KeepsToQos2In311", "delivered", received, completed, qos_2_in_3_1_1),
      exchange("AnswersQos2AsQos1", "delivered", acknowledged),
      exchange("AnswersQos2AsQos1In311", "delivered", acknowledged, completed, qos_2_in_3_1_1),
      exchange("CompletesWhatItNeverReceived", "lost", completed),
      exchange("CompletesWhatItNeverReceivedIn311", "lost", completed, completed, qos_2_in_3_1_1),
      exchange("AcknowledgesWhatItReceived", "lost", received, acknowledged),
      exchange("RejectsQos2ForNow", "retry", [](auto& id) { return pubrec(id, 0x97); }),
      exchange("RejectsQos2", "reject", [](auto& id) { return pubrec(id, 0x87); }),
      exchange("ReceivesTwice", "delivered", [](auto& id) { return pubrec(id) + pubrec(id); }),
      exchange("CompletesTwice", "delivered", received, [](auto& id) { return pubcomp(id) + pubcomp(id); }),
      exchange("CompletesNothing", "lost", received, bytes("")),
      exchange("ForgetsWhatItReceived", "delivered", received, [](auto& id) { return pubcomp(id, 0x92); }),
      exchange("CompletesWithAnError", "retry", received, [](auto& id) { return pubcomp(id, 0x80); }),
      exchange("KnowsNothingOfQos2", "retry", [](auto& id) { return pubrec(id, 0x92); }),
      exchange(
          "ReceivesAnother", "lost", [](auto& id) { return pubrec(other(id)); }, bytes("")),
      exchange("HangsUpOnPubrel", "lost", received, bytes(hang_up)),
      exchange("CutsItsPubrec", "lost", bytes("\x50\x01\0"s)),
  };
}

/// One client on a broker of its own that misbehaves so.
class OneClient {
 public:
  OneClient(EventLoop& loop, const std::string& client, const Misbehaviour& row) : row_(row), broker_(loop.executor()) {
    broker_.script = [this](std::uint8_t first, const std::string& body) { return answer(first, body); };
    config::Report report;
    const auto node =
        config::parse_document("{client: " + client + ", " + url("mqtt", "127.0.0.1", broker_.port()) +
                                   ", prefix: '', ack_timeout: 1s, connect_timeout: 3s" + row.settings + "}",
                               report);
    settings_ = sink::mqtt_sink_type.read(node.value(), report);
    EXPECT_FALSE(report.has_errors()) << config::format_problems(report, "settings");
    sink_.emplace(loop, settings_);
  }

  /// Once connected it is given one event. True once it is known what becomes of that.
  bool is_settled() {
    if (is_connected() && !is_delivered_) is_delivered_ = sink_->deliver(make_delivery(1, "pbx", row_.payload));
    return !sink_->observer.losses.empty() || sink_->observer.outcomes.contains(1);
  }
  std::string outcome() {
    const auto found = sink_->observer.outcomes.find(1);
    if (found == sink_->observer.outcomes.end()) return is_connected() ? "lost" : "not connected";
    if (found->second.kind == Outcome::Kind::delivered) return "delivered";
    return found->second.kind == Outcome::Kind::retry ? "retry" : "reject";
  }
  std::string words() { return sink_->observer.losses.empty() ? "(connected)" : sink_->observer.losses.front().text; }

 private:
  bool is_connected() const { return !sink_->observer.connections.empty(); }

  std::optional<std::string> answer(std::uint8_t first, const std::string& body) {
    const int type = first >> 4;
    if (type == 1) return send(row_.to_connect({}));
    if (type == 3) return send(row_.to_publish(body.substr(2 + static_cast<std::uint8_t>(body.at(1)), 2)));
    if (type == 6) return send(row_.to_pubrel(body.substr(0, 2)));
    return std::nullopt;
  }
  std::string send(std::string answer) {
    if (!answer.ends_with(hang_up)) return answer;
    answer.resize(answer.size() - hang_up.size());
    if (!answer.empty()) broker_.send(answer);
    broker_.hang_up();
    return {};
  }

  const Misbehaviour row_;
  ScriptedMqttBroker broker_;
  SinkSettingsPtr settings_;
  std::optional<RunningSink> sink_;
  bool is_delivered_ = false;
};

class MqttMisbehaviour : public testing::TestWithParam<Misbehaviour> {};

TEST_P(MqttMisbehaviour, HasTheSameOutcomeWithEitherClient) {
  const Misbehaviour& row = GetParam();
  EventLoop loop;
  OneClient native(loop, "native", row);
  OneClient paho(loop, "paho", row);
  EXPECT_TRUE(loop.run_until([&] { return native.is_settled() & paho.is_settled(); }, 20s));
  EXPECT_EQ(native.outcome(), row.outcome) << native.words();
  EXPECT_EQ(paho.outcome(), row.outcome) << paho.words();
}

std::string name_of(const testing::TestParamInfo<Misbehaviour>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Connecting, MqttMisbehaviour, testing::ValuesIn(of_connecting()), name_of);
INSTANTIATE_TEST_SUITE_P(Qos1, MqttMisbehaviour, testing::ValuesIn(of_qos_1()), name_of);
INSTANTIATE_TEST_SUITE_P(Qos2, MqttMisbehaviour, testing::ValuesIn(of_qos_2()), name_of);

TEST(MqttMisbehaviour, AreMoreThanFifty) {
  EXPECT_GE(of_connecting().size() + of_qos_1().size() + of_qos_2().size(), 50U);
}

}  // namespace
}  // namespace pbxbridge::test
