#include "derive/home_assistant/devices.hpp"

#include "derive/home_assistant/entities.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string_view>
#include <utility>

namespace pbxbridge::derive::home_assistant {

namespace {

/// Home Assistant takes ids of letters, digits, `_` and `-`. Different texts stay different.
std::string id_part(std::string_view text) {
  std::string part;
  for (const char letter : text)
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_')
      part += letter;
    else
      part += fmt::format("-{:02x}", static_cast<unsigned char>(letter));
  return part;
}

/// Values are true while pbxbridge is connected and, where `link_topic` is given, the PBX streams.
Json availability(const Installation& installation, bool with_link) {
  Json conditions = Json::array();
  if (!installation.status_topic.empty()) conditions.push_back({{"topic", installation.status_topic}});
  if (with_link)
    conditions.push_back({{"topic", installation.link_topic},
                          {"value_template", choice(field("state") + " == 'streaming'", "online", "offline")}});
  return conditions;
}

class DeviceWriter {
 public:
  explicit DeviceWriter(const Installation& installation) : installation_(installation) {}

  Device bridge() const {
    Json device = {{"identifiers", Json::array({bridge_id()})},
                   {"name", "pbxbridge " + installation_.pbx},
                   {"manufacturer", "pbxbridge"},
                   {"sw_version", installation_.version}};
    return made(bridge_id(), std::move(device), false, entities_of_bridge(bridge_id(), installation_));
  }

  Device extension(const std::string& number, const std::string& topic) const {
    const std::string id = id_of("extension", number);
    return made(id, described(id, "Extension " + number, "Extension"), true, entities_of_extension(id, topic));
  }

  Device queue(const std::string& number, const std::string& topic) const {
    const std::string id = id_of("queue", number);
    return made(id, described(id, "Queue " + number, "Call queue"), true, entities_of_queue(id, topic));
  }

 private:
  std::string bridge_id() const {
    return fmt::format("pbxbridge_{}_{}", id_part(installation_.sink), id_part(installation_.pbx));
  }
  std::string id_of(std::string_view kind, const std::string& number) const {
    return fmt::format("pbxbridge_{}_{}_{}", id_part(installation_.pbx), kind, id_part(number));
  }
  Json described(const std::string& id, const std::string& name, std::string_view model) const {
    return {{"identifiers", Json::array({id})},
            {"name", name},
            {"manufacturer", "PortSIP"},
            {"model", model},
            {"via_device", bridge_id()}};
  }
  Device made(std::string id, Json device, bool with_link, Json entities) const {
    Json message = {{"device", std::move(device)},
                    {"origin", {{"name", "pbxbridge"}, {"sw_version", installation_.version}}}};
    if (Json conditions = availability(installation_, with_link); !conditions.empty()) {
      message["availability"] = std::move(conditions);
      message["availability_mode"] = "all";
    }
    message["components"] = std::move(entities);
    return {std::move(id), message.dump(-1, ' ', false, Json::error_handler_t::replace)};
  }

  const Installation& installation_;
};

}  // namespace

std::vector<Device> devices_of(const Installation& installation) {
  if (installation.extensions.empty() && installation.queues.empty()) return {};
  const DeviceWriter writer(installation);
  std::vector<Device> devices = {writer.bridge()};
  for (const auto& [number, topic] : installation.extensions) devices.push_back(writer.extension(number, topic));
  for (const auto& [number, topic] : installation.queues) devices.push_back(writer.queue(number, topic));
  return devices;
}

}  // namespace pbxbridge::derive::home_assistant
