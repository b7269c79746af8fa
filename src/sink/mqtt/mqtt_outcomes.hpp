#pragma once

// Meaning of MQTT's codes for an event or a connection. One row a code.

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/error.hpp"

#include <span>
#include <string_view>

namespace pbxbridge::sink {

/// One reason code of PUBACK, PUBREC or PUBCOMP (MQTT 5.0, 2.4), from 0x80 on a rejection.
struct PublishReason {
  int code;
  Outcome::Kind kind;
  std::string_view text;
};
std::span<const PublishReason> publish_reasons();

/// `reason_string` is the broker's own words, empty where it said none. An unknown rejection is tried again: a later
/// version of the standard may have added it, and nothing is lost by waiting. So is what the broker takes of no message
/// (QoS, retain): that is a setting's fault.
Outcome publish_outcome(int reason_code, std::string_view reason_string);

/// Words that a broker may add to a code (MQTT 5); empty where it added none.
struct BrokerWords {
  std::string_view reason_string;
  std::string_view server_reference;  ///< the brokers to use instead
};

/// `code` is the CONNACK return code (MQTT 3.1.1, 3.2.2.3: 1 to 5) or reason code (MQTT 5.0, 3.2.2.2: from 0x80).
Error connect_rejection(int code, const BrokerWords& words);

/// The broker ended a standing connection and said why (MQTT 5.0, 3.14.2.1). A message can be the cause (`hung_up_at`)
/// unless the reason is one of the broker, the session, the time or a setting.
Error disconnect_reason(int reason_code, const BrokerWords& words);

}  // namespace pbxbridge::sink
