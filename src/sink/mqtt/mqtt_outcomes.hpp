#pragma once

// What the codes of MQTT and of the client library mean for an event or a connection. One row a code.

#include "pbxbridge/error.hpp"
#include "pbxbridge/sink.hpp"

#include <span>
#include <string_view>

namespace pbxbridge::sink {

/// One reason code of PUBACK, PUBREC or PUBCOMP (MQTT 5.0, 2.4), from 0x80 on a refusal.
struct PublishReason {
  int code;
  Outcome::Kind kind;
  std::string_view text;
};
std::span<const PublishReason> publish_reasons();

/// `reason_string` is the broker's own words, empty where it said none. An unknown refusal is tried again: a later
/// version of the standard may have added it, and nothing is lost by waiting.
Outcome publish_outcome(int reason_code, std::string_view reason_string);

/// For a publish that the library itself could not do; `return_code` is one of MQTTASYNC_*.
Outcome library_outcome(int return_code);

/// `code` is the CONNACK return code (MQTT 3.1.1, 3.2.2.3: 1 to 5) or reason code (MQTT 5.0, 3.2.2.2: from 0x80).
Error connect_refusal(int code, std::string_view reason_string);

/// The broker ended a standing connection and said why (MQTT 5.0, 3.14.2.1).
Error disconnect_reason(int reason_code, std::string_view reason_string);

inline constexpr int reason_session_taken_over = 0x8E;

}  // namespace pbxbridge::sink
