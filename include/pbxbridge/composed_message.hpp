#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pbxbridge {

/// A delivery as its sink would send it, for `pbxbridge explain` and `pbxbridge test`. It is made by the code that
/// makes the message that is sent.
struct ComposedMessage {
  using Value = std::variant<std::string, std::int64_t, bool>;

  std::string payload;  ///< value of a Kafka record, payload of a PUBLISH packet, a line without its line break
  std::vector<std::pair<std::string, std::string>> headers;  ///< of a Kafka record; user properties of MQTT 5
  std::vector<std::pair<std::string, Value>> properties;     ///< what else goes with it, by the protocol's names
  std::optional<std::string> rejected;  ///< why the sink never sends it, so that it becomes a dead letter
};

}  // namespace pbxbridge
