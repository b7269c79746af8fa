#pragma once

#include "config/sink_config.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/delivery.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace pbxbridge {

class Sink;
struct SinkContext;

namespace config {

/// Texts that a sink takes as a topic; src/route makes what a template yields safe for it.
enum class TopicSyntax : std::uint8_t {
  none,   ///< the sink has no topics; a route to it may leave the topic out
  kafka,  ///< [a-zA-Z0-9._-]{1,249}, not "." or ".."
  mqtt,   ///< UTF-8 up to 65,535 bytes, no wildcard, no NUL
};

/// A kind of sink, by its name under `type`. All of them stand in sink/sink_types.cpp, one explicit line each.
struct SinkType {
  std::string_view name;
  std::string_view text;  ///< one sentence for the reference
  TopicSyntax topic_syntax = TopicSyntax::none;

  /// The declared fields, for the reference and the JSON Schema.
  const SchemaBase& (*schema)() = nullptr;
  /// Reads the entry's own fields; problems go to the report. Never null.
  std::shared_ptr<const SinkSettings> (*read)(const Node& node, Report& report) = nullptr;
  std::unique_ptr<Sink> (*make)(const SinkSettings& settings, SinkContext context) = nullptr;
  /// Checks what a route asks of a sink with these settings: an error where its events could only be rejected, a
  /// warning where an option would do nothing. `destination` is the place for the report. Null: the sink takes every
  /// `format`, and the other options, which are MQTT's, mean nothing to it.
  void (*check_options)(const DeliveryOptions& options, const SinkSettings& settings, const Location& destination,
                        Report& report) = nullptr;
};

}  // namespace config

}  // namespace pbxbridge
