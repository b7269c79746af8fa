#include "sink/mqtt/mqtt_examination.hpp"

#include "async/run_until.hpp"
#include "net/peer_examination.hpp"
#include "sink/mqtt/broker_stream.hpp"
#include "sink/mqtt/native_connection.hpp"
#include "text/peer_words.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::sink {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds for_good_measure{1};
constexpr std::chrono::seconds farewell_limit{2};
constexpr std::uint16_t most_withheld = 15;

/// Those of the sink, but for a session of its own. The broker would end the one of the running sink under its id.
MqttSettings settings_of_examination(MqttSettings settings) {
  settings.memory = std::make_shared<SessionMemory>();
  settings.client_id.clear();
  settings.clean_start = true;
  settings.session_expiry.reset();
  settings.will_delay.reset();
  return settings;
}

class MqttExamination final : MqttConnectionObserver {
 public:
  MqttExamination(const MqttSettings& settings, const SinkExamination& asked, Findings& findings)
      : settings_(settings_of_examination(settings)), asked_(asked), findings_(findings) {}

  void run() {
    if (!net::examine_peer(broker_stream_settings(settings_), findings_)) return;
    connect();
    if (!made_) return tell_failed_connection();
    findings_.ok("account", fmt::format("accepted {}, with MQTT {}",
                                        settings_.username.empty() ? "without a user name" : "with its user name",
                                        to_string(settings_.version)));
    tell_limits();
    tell_rights();
    leave();
  }

 private:
  template <class Done>
  void wait_for(std::chrono::milliseconds limit, Done done) {
    async::run_until(io_, Clock::now() + limit, [&] { return lost_.has_value() || done(); });
  }

  void connect() {
    MqttConnectionObserver& observer = *this;
    made_ = closed_ = false;
    connection_.emplace(settings_, std::string(), io_.get_executor(), observer);
    connection_->open();
    wait_for(settings_.connect_timeout + for_good_measure, [this] { return made_; });
    if (made_) connection_->withhold();
    withheld_ = 0;
  }

  void tell_failed_connection() {
    if (!lost_) return findings_.error("account", "the broker has not answered", "look at the log of the broker");
    findings_.error("account", text::with_peer_log_text(lost_->text, lost_->peer_words),
                    lost_->account_rejected
                        ? fmt::format("check username and password, and what client ids the account may have: this "
                                      "used {}, not that of the sink",
                                      connection_->client_id())
                        : "look at the log of the broker");
  }

  void tell_limits() {
    if (settings_.version != mqtt::Version::v5)
      return findings_.ok("limits", "a broker with MQTT 3.1.1 tells none (`limits` can name them)");
    const mqtt::Connack& limits = connection_->limits();
    const bool has_packet_limit = limits.maximum_packet_size < mqtt::largest_packet;
    const std::string words = fmt::format(
        "Receive Maximum {}, Maximum Packet Size {}, Maximum QoS {}, retained messages {}", limits.receive_maximum,
        has_packet_limit ? fmt::format("{} bytes", limits.maximum_packet_size) : "not limited", limits.maximum_qos,
        limits.retain_available ? "taken" : "not taken");
    if (static_cast<unsigned>(settings_.qos) > limits.maximum_qos)
      return findings_.error("limits", fmt::format("{}; and qos is {}", words, settings_.qos),
                             fmt::format("set qos to {}, or let the broker take more", limits.maximum_qos));
    if (settings_.retain && !limits.retain_available)
      return findings_.error("limits", words + "; and retain is true",
                             "set retain to false, or let the broker take them");
    if (has_packet_limit && limits.maximum_packet_size < asked_.largest_payload)
      return findings_.warning("limits",
                               fmt::format("{}; an event may have {} bytes, and is a dead letter if it is too large",
                                           words, asked_.largest_payload),
                               "let the broker take larger packets, or lower max_frame_size of the PBX");
    findings_.ok("limits", words);
  }

  void tell_rights() {
    if (settings_.version != mqtt::Version::v5 || connection_->limits().maximum_qos < 2)
      return findings_.warning("rights",
                               "what may be written cannot be examined without a message that subscribers would get: "
                               "this takes MQTT 5 and QoS 2",
                               "look at the access control list of the broker");
    if (const std::string status = settings_.status_topic(asked_.name); !status.empty())
      tell_right("right to write " + status, status);
    for (const ExaminedTopic& topic : asked_.topics)
      tell_right(topic.kind == ExaminedTopic::Kind::example
                     ? fmt::format("right to write {}, such as {}", topic.origin, topic.name)
                     : "right to write " + topic.name,
                 topic.name, topic.kind == ExaminedTopic::Kind::unlikely);
  }

  void tell_right(const std::string& step, const std::string& topic, bool is_unlikely = false) {
    if (!make_room()) return;
    outcome_.reset();
    mqtt::Publish message;
    message.topic = topic;
    message.qos = 2;
    connection_->publish(1, message);
    wait_for(asked_.step_limit, [this] { return outcome_.has_value(); });
    if (outcome_ && outcome_->kind == Outcome::Kind::delivered) return findings_.ok(step, "may be written to");
    const std::string why = outcome_ ? text::with_peer_log_text(outcome_->reason, outcome_->peer_words)
                            : lost_  ? text::with_peer_log_text(lost_->text, lost_->peer_words)
                                     : fmt::format("not answered within {} ms", asked_.step_limit.count());
    const char* const remedy = "let the account write to it in the access control list of the broker";
    if (is_unlikely)
      findings_.warning(step, why + "; events of unknown types, or without a topic of their own, would go there",
                        remedy);
    else
      findings_.error(step, why, remedy);
  }

  /// A message that is never released counts against the broker's Receive Maximum until the connection ends.
  bool make_room() {
    if (!lost_ && ++withheld_ > std::min(most_withheld, connection_->limits().receive_maximum)) {
      leave();
      connect();
      ++withheld_;
      if (!made_)
        findings_.error(
            "rights", lost_ ? text::with_peer_log_text(lost_->text, lost_->peer_words) : "the broker has not answered",
            "look at the log of the broker");
    }
    return !lost_ && made_;
  }

  void leave() {
    if (lost_) return;
    connection_->disconnect();
    wait_for(farewell_limit, [this] { return closed_; });
  }

  void connection_made() override { made_ = true; }
  void connection_lost(Error error) override { lost_ = std::move(error); }
  void message_outcome(std::uint64_t, Outcome outcome) override { outcome_ = std::move(outcome); }
  void room_made() override {}
  void messages_written() override {}
  void connection_closed() override { closed_ = true; }
  void probe_answered() override {}
  void notice(std::string) override {}

  const MqttSettings settings_;
  const SinkExamination& asked_;
  Findings& findings_;
  boost::asio::io_context io_;
  std::optional<NativeConnection> connection_;
  std::uint16_t withheld_ = 0;  // on this connection
  bool made_ = false;
  bool closed_ = false;
  std::optional<Error> lost_;
  std::optional<Outcome> outcome_;
};

}  // namespace

void examine_mqtt(const MqttSettings& settings, const SinkExamination& asked, Findings& findings) {
  MqttExamination(settings, asked, findings).run();
}

}  // namespace pbxbridge::sink
