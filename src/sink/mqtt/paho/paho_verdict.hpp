#pragma once

#include "sink/mqtt/paho/paho_trace.hpp"

#include <cstdint>
#include <string_view>

namespace pbxbridge::sink {

/// Meaning of the library's report on one message.
struct PahoVerdict {
  enum class Kind : std::uint8_t {
    acknowledged,  ///< as the reason code says
    completed,     ///< likewise, after the broker has taken it: see mqtt::completion
    downgraded,    ///< a message of QoS 2 was acknowledged as one of QoS 1
    not_arrived,   ///< the exchange was one that an earlier process left under this identifier
    fault,         ///< the broker does not keep to MQTT: `text` is a clause
  };
  Kind kind = Kind::acknowledged;
  std::string_view text = {};
};

/// A message of `qos` 1 or 2 was reported, for `cause`. The same rules as of mqtt::Publisher.
PahoVerdict judge(unsigned qos, const PahoCause& cause);

}  // namespace pbxbridge::sink
