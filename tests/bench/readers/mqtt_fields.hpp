#pragma once

#include "truth/cloudevent.hpp"

#include <cstddef>
#include <string_view>

namespace pbxbridge::bench {

/// Reads what a packet consists of (MQTT 5.0, 1.5), field by field. Throws std::runtime_error where it is too short.
class MqttFields {
 public:
  explicit MqttFields(std::string_view bytes) : left_(bytes) {}

  std::string_view bytes(std::size_t count);
  std::size_t number(std::size_t bytes_of_it);
  std::size_t variable_number();
  std::string_view text() { return bytes(number(2)); }
  std::string_view rest() const { return left_; }

 private:
  std::string_view left_;
};

/// The attributes among the user properties of a PUBLISH packet; `properties` are all of its properties.
CloudEvent cloudevent_of(MqttFields properties);

}  // namespace pbxbridge::bench
