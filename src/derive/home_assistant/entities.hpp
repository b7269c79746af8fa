#pragma once

// The entities of each kind of device, as Home Assistant's MQTT integration has them:
// https://www.home-assistant.io/integrations/mqtt. Nothing here shows a caller's number.

#include "derive/home_assistant/devices.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace pbxbridge::derive::home_assistant {

using Json = nlohmann::ordered_json;

/// Template expression of a document's field. Unknown where the document is gone: the message is empty then.
std::string field(std::string_view name);
/// Template that says one of two words.
std::string choice(std::string_view condition, std::string_view yes, std::string_view no);

/// `components` by key; each has a unique id that begins with the device's.
Json entities_of_extension(const std::string& device_id, const std::string& topic);
Json entities_of_queue(const std::string& device_id, const std::string& topic);
/// A topic that is empty has no entities.
Json entities_of_bridge(const std::string& device_id, const Installation& installation);

}  // namespace pbxbridge::derive::home_assistant
