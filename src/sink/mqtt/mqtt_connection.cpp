#include "sink/mqtt/mqtt_connection.hpp"

#include "mqtt/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

namespace pbxbridge::sink {
namespace {

std::uint32_t whole_seconds_of(const std::optional<config::Duration>& duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration.value_or(config::Duration::zero())).count();
  return static_cast<std::uint32_t>(
      std::min<std::chrono::seconds::rep>(seconds, std::numeric_limits<std::uint32_t>::max()));
}

mqtt::Connect connect_of(const MqttSettings& settings, const std::string& status_topic) {
  mqtt::Connect connect;
  connect.client_identifier = settings.memory->client_id(settings.client_id);
  connect.clean_start = settings.clean_start;
  connect.keep_alive = static_cast<std::uint16_t>(std::chrono::ceil<std::chrono::seconds>(settings.keep_alive).count());
  connect.maximum_packet_size = mqtt::Publisher::largest_incoming;
  connect.session_expiry_interval = whole_seconds_of(settings.session_expiry);
  if (!status_topic.empty())
    connect.will = mqtt::Will{.topic = status_topic,
                              .payload = "offline",
                              .qos = 1,
                              .retain = true,
                              .delay_interval = whole_seconds_of(settings.will_delay)};
  if (!settings.username.empty()) connect.user_name = settings.username;
  return connect;
}

}  // namespace

MqttConnection::MqttConnection(const MqttSettings& settings, std::string status_topic,
                               boost::asio::any_io_executor executor, MqttConnectionObserver& observer)
    : settings_(settings),
      executor_(std::move(executor)),
      observer_(observer),
      words_(settings, status_topic),
      connect_(connect_of(settings, status_topic)),
      opening_timer_(executor_) {}

void MqttConnection::open() {
  const auto wait = settings_.memory->wait(SessionMemory::Clock::now());
  if (wait == SessionMemory::Clock::duration::zero()) return start();
  opening_timer_.after(wait, [this] { start(); });
}

unsigned MqttConnection::maximum_qos() const {
  return std::min(limits().maximum_qos, settings_.memory->maximum_qos(SessionMemory::Clock::now()));
}

bool MqttConnection::takes_retained() const {
  return limits().retain_available && settings_.memory->takes_retained(SessionMemory::Clock::now());
}

std::optional<std::string> MqttConnection::beyond_service(unsigned qos, bool retain) const {
  if (qos > maximum_qos())
    return fmt::format("it takes QoS {0} at the most, and qos is {1}; set qos to {0}, or let the broker take QoS {1}",
                       maximum_qos(), qos);
  if (retain && !takes_retained())
    return "it takes no retained messages, and retain is true; set retain to false, or let the broker take them";
  return std::nullopt;
}

std::optional<Error> MqttConnection::unserved() const {
  const auto problem = beyond_service(static_cast<unsigned>(settings_.qos), settings_.retain);
  if (!problem) return std::nullopt;
  return Error{ErrorCategory::configuration,
               fmt::format("{} cannot do what this sink is set to: {}", broker(), *problem)};
}

bool MqttConnection::note_missing_feature(int reason_code, unsigned qos) {
  const auto now = SessionMemory::Clock::now();
  if (reason_code == mqtt::reason::retain_not_supported)
    settings_.memory->rejected_retained(now);
  else if (reason_code == mqtt::reason::qos_not_supported && qos > 0)
    settings_.memory->rejected_qos(qos, now);
  else
    return false;
  return true;
}

Result<void> MqttConnection::read_password() {
  if (!settings_.password.is_set()) return {};
  auto password = settings_.password.read();
  if (!password) return password.error();
  if (password->size() > mqtt::largest_string)
    return Error{ErrorCategory::configuration, "the password is longer than the 65,535 bytes that MQTT allows"};
  connect_.password = std::move(*password);
  return {};
}

}  // namespace pbxbridge::sink
