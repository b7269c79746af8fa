#pragma once

#include "config/route_config.hpp"
#include "config/sink_config.hpp"
#include "pbxbridge/sink_type.hpp"

#include <nlohmann/json.hpp>

#include <span>

namespace pbxbridge::asyncapi {

/// Form of the messages of one destination, whatever their event, in AsyncAPI's terms. Found by letting the sink
/// compose two messages that differ in all that an event has.
struct MessageForm {
  nlohmann::ordered_json trait;  ///< Message Trait Object: content type, headers, bindings
  nlohmann::ordered_json
      envelope;  ///< schema of the JSON object that holds the event under `data`; null: there is none
  nlohmann::ordered_json channel_bindings;  ///< empty: none, as the following
  nlohmann::ordered_json operation_bindings;
};

MessageForm message_form(const config::DestinationConfig& destination, const config::SinkConfig& sink,
                         const SinkType& type, std::span<const SinkType> types, const std::string& bindings);

/// Returns AsyncAPI's form of a message's properties in this protocol; empty where it has none.
nlohmann::ordered_json operation_bindings(const std::string& bindings,
                                          const decltype(ComposedMessage::properties)& properties);

}  // namespace pbxbridge::asyncapi
