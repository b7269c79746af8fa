#include "derive/home_assistant/entities.hpp"

#include <fmt/format.h>

#include <utility>

namespace pbxbridge::derive::home_assistant {

namespace {

/// Gathers the entities of one device.
class Entities {
 public:
  explicit Entities(std::string device_id) : device_id_(std::move(device_id)) {}

  /// `key` is unique in the device, and never changes: it is part of the entity's unique id.
  Json& add(std::string_view platform, std::string_view key, std::string_view name, const std::string& topic) {
    Json& entity = entities_[std::string(key)];
    entity = {{"platform", platform},
              {"unique_id", fmt::format("{}_{}", device_id_, key)},
              {"name", name},
              {"state_topic", topic}};
    return entity;
  }

  Json& add_sensor(std::string_view key, std::string_view name, const std::string& topic) {
    Json& sensor = add("sensor", key, name, topic);
    sensor["value_template"] = "{{ " + field(key) + " }}";
    return sensor;
  }

  /// A field that holds one of a few words.
  Json& add_enum(std::string_view key, std::string_view name, const std::string& topic, Json words) {
    Json& sensor = add_sensor(key, name, topic);
    sensor["device_class"] = "enum";
    sensor["options"] = std::move(words);
    return sensor;
  }

  /// A field of UNIX seconds, of which 0 stands for none.
  void add_time(std::string_view key, std::string_view name, const std::string& topic) {
    Json& sensor = add_sensor(key, name, topic);
    const std::string seconds = field(key) + " | int(0)";
    sensor["value_template"] = fmt::format("{{{{ ({0}) | as_datetime if ({0}) > 0 else none }}}}", seconds);
    sensor["device_class"] = "timestamp";
  }

  /// A number that rises and falls, or one that only rises.
  void add_number(std::string_view key, std::string_view name, const std::string& topic, std::string_view state_class) {
    add_sensor(key, name, topic)["state_class"] = state_class;
  }

  Json take() { return std::move(entities_); }

 private:
  const std::string device_id_;
  Json entities_ = Json::object();
};

}  // namespace

std::string field(std::string_view name) {
  return fmt::format("((value_json | default({{}})).{} | default(none))", name);
}

std::string choice(std::string_view condition, std::string_view yes, std::string_view no) {
  return fmt::format("{{{{ '{}' if {} else '{}' }}}}", yes, condition, no);
}

Json entities_of_extension(const std::string& device_id, const std::string& topic) {
  Entities entities(device_id);
  entities.add_enum("state", "State", topic,
                    {"offline", "available", "ringing", "on_call", "do_not_disturb", "away", "lunch", "business_trip"});
  entities.add_time("since", "Since", topic);
  Json& registered = entities.add("binary_sensor", "registered", "Registered", topic);
  registered["value_template"] = choice(field("online"), "ON", "OFF");
  registered["device_class"] = "connectivity";
  Json& in_call = entities.add("binary_sensor", "in_call", "In call", topic);
  in_call["value_template"] = choice(field("state") + " == 'on_call'", "ON", "OFF");
  in_call["icon"] = "mdi:phone-in-talk";
  return entities.take();
}

Json entities_of_queue(const std::string& device_id, const std::string& topic) {
  constexpr std::string_view measured = "measurement";
  constexpr std::string_view total = "total_increasing";
  Entities entities(device_id);
  entities.add_number("waiting", "Waiting", topic, measured);
  entities.add_number("callbacks", "Callbacks", topic, measured);
  entities.add_time("longest_wait_since", "Longest wait since", topic);
  entities.add_number("agents_ready", "Agents ready", topic, measured);
  entities.add_number("agents_queue_call", "Agents on calls", topic, measured);
  entities.add_number("entered", "Entered", topic, total);
  entities.add_number("answered", "Answered", topic, total);
  entities.add_number("abandoned", "Abandoned", topic, total);
  entities.add_number("overflowed", "Overflowed", topic, total);
  entities.add_number("called_back", "Called back", topic, total);
  entities.add_number("sla_breached", "SLA breached", topic, total);
  return entities.take();
}

Json entities_of_bridge(const std::string& device_id, const Installation& installation) {
  constexpr std::string_view measured = "measurement";
  Entities entities(device_id);
  if (!installation.status_topic.empty()) {
    Json& status = entities.add("binary_sensor", "status", "Status", installation.status_topic);
    status["device_class"] = "connectivity";
    status["payload_on"] = "online";
    status["payload_off"] = "offline";
    status["availability"] = Json::array();  // it says so itself
  }
  entities.add_enum("state", "Link to the PBX", installation.link_topic, {"streaming", "lost", "refused"});
  entities.add_sensor("since", "Link since", installation.link_topic)["device_class"] = "timestamp";
  entities.add_number("subscriptions_refused", "Subscriptions refused", installation.link_topic, measured);
  if (!installation.gap_topic.empty())
    entities.add("event", "gap", "Events missing", installation.gap_topic)["event_types"] = Json::array({"bridge_gap"});
  if (!installation.bridge_topic.empty()) {
    entities.add_number("lag_events", "Lag in events", installation.bridge_topic, measured);
    Json& spool = entities.add_sensor("spool_bytes", "Spool", installation.bridge_topic);
    spool["state_class"] = measured;
    spool["device_class"] = "data_size";
    spool["unit_of_measurement"] = "B";
  }
  return entities.take();
}

}  // namespace pbxbridge::derive::home_assistant
