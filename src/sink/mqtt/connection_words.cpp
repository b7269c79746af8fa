#include "sink/mqtt/connection_words.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace pbxbridge::sink {
namespace {

long long whole_seconds(SessionMemory::Clock::duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

}  // namespace

ConnectionWords::ConnectionWords(const MqttSettings& settings, std::string status_topic)
    : settings_(settings), status_topic_(std::move(status_topic)), broker_(url::authority(settings.endpoint())) {}

Error ConnectionWords::named(Error error) const {
  error.text.insert(0, broker_ + ": ");
  return error;
}

Error ConnectionWords::no_connection_in_time(std::string_view progress) const {
  return {ErrorCategory::network, fmt::format("no connection to {} within {} ms: it was still {}", broker_,
                                              settings_.connect_timeout.count(), progress)};
}

Error ConnectionWords::no_connection(const Error& error) const {
  // An error of the network names the address, which may be the broker's own.
  const std::string_view text = error.text;
  const std::string_view reason = text.starts_with(broker_ + ": ") ? text.substr(broker_.size() + 2) : text;
  return {.category = error.category,
          .text = fmt::format("no connection to {}: {}", broker_, reason),
          .wait = error.wait,
          .account_rejected = error.account_rejected};
}

Error ConnectionWords::ended_before_acceptance(const Error& error) const {
  if (!settings_.uses_tls()) return no_mqtt(error.text);
  // With TLS 1.3 a client certificate is rejected after the handshake.
  return {error.category,
          fmt::format("{} ended the connection before it answered: {}; perhaps it wants a client certificate "
                      "(tls.cert_file){}",
                      broker_, error.text,
                      settings_.version == mqtt::Version::v5 ? ", or knows no MQTT 5 (version: 3.1.1)" : "")};
}

Error ConnectionWords::no_mqtt(std::string_view reason) const {
  const std::string_view scheme = settings_.uses_websocket() ? "wss" : "mqtts";
  return {
      ErrorCategory::network,
      fmt::format("{} takes connections and speaks no MQTT: {}{}{}", broker_, reason,
                  settings_.uses_tls() ? "" : fmt::format("; is it {}:// there", scheme),
                  settings_.version == mqtt::Version::v5 ? "; or perhaps it knows no MQTT 5 (version: 3.1.1)" : "")};
}

Error ConnectionWords::speaks_http() const {
  return {
      ErrorCategory::network,
      fmt::format("{} takes connections and speaks no MQTT: its answer is HTTP; name the broker's port for MQTT, or "
                  "{}:// if it takes MQTT over WebSocket there",
                  broker_, settings_.uses_tls() ? "wss" : "ws")};
}

Error ConnectionWords::malformed_acceptance(std::string_view fault) const {
  Error error = breaks_protocol(fault);
  if (settings_.version == mqtt::Version::v5) error.text += "; perhaps it knows no MQTT 5 (version: 3.1.1)";
  return error;
}

Error ConnectionWords::disconnected(int code, const BrokerWords& words, const Carried& carried) const {
  if (settings_.version == mqtt::Version::v3_1_1 && code == mqtt::reason::success)
    return ended({.category = ErrorCategory::network,
                  .text = "it sent DISCONNECT, which has no reason in MQTT 3.1.1",
                  .hung_up_at = std::chrono::steady_clock::now()},
                 carried);
  return named(code == mqtt::reason::session_taken_over ? taken_over() : disconnect_reason(code, words));
}

Error ConnectionWords::taken_over() const {
  const auto now = SessionMemory::Clock::now();
  settings_.memory->taken_over(now);
  const auto wait = settings_.memory->wait(now);
  return {ErrorCategory::rejected,
          fmt::format("session taken over by another client with the client id {}; waiting {} s before taking it "
                      "back, give each client a client_id of its own",
                      client_id(), whole_seconds(wait)),
          std::chrono::ceil<std::chrono::milliseconds>(wait)};
}

bool ConnectionWords::may_lack_qos_2(const Carried& carried) const {
  return settings_.version == mqtt::Version::v3_1_1 && carried.highest_qos == 2 && !settings_.memory->has_taken_qos_2();
}

Error ConnectionWords::ended(const Error& error, const Carried& carried) const {
  const auto now = SessionMemory::Clock::now();
  const bool lacks_qos_2 = may_lack_qos_2(carried);
  if (!settings_.memory->dropped(now, carried.messages))
    return {.category = lacks_qos_2 ? ErrorCategory::configuration : ErrorCategory::network,
            .text = fmt::format(
                "the connection to {} broke: {}{}", broker_, error.text,
                lacks_qos_2 ? "; it has taken no message of QoS 2 yet, and if it has none, set qos to 1" : ""),
            .hung_up_at = error.hung_up_at};
  const auto wait = settings_.memory->wait(now);
  return {
      ErrorCategory::rejected,
      fmt::format("{} closed the connection again and again right after accepting it and without a message: "
                  "perhaps another client uses the client id {} (give each client a client_id of its own){}{}; "
                  "waiting {} s",
                  broker_, client_id(),
                  status_topic_.empty() ? std::string()
                                        : ", or it does not take the status topic " + status_topic_ + " (see prefix)",
                  settings_.qos == 2 ? ", or no messages of QoS 2 (see qos)" : "", whole_seconds(wait)),
      std::chrono::ceil<std::chrono::milliseconds>(wait)};
}

Error ConnectionWords::no_ping_answer(std::chrono::seconds silence) const {
  return {ErrorCategory::network,
          fmt::format("the connection to {} broke: it has not answered a ping for {} s", broker_, silence.count())};
}

Error ConnectionWords::breaks_protocol(std::string_view fault) const {
  return {ErrorCategory::network, fmt::format("{} does not keep to MQTT: {}", broker_, fault)};
}

std::string ConnectionWords::downgrades() const {
  return fmt::format(
      "{} acknowledges messages of QoS 2 as if they were of QoS 1; they count as delivered, and may arrive twice after "
      "a lost connection (qos: 1 asks for no more than that)",
      broker_);
}

}  // namespace pbxbridge::sink
