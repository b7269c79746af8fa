#pragma once

#include "mqtt_access.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::test {

/// Begin of a message's line, which distinguishes it from those of `-d`.
inline constexpr std::string_view message_mark = "message ";

/// The command line of a mosquitto_sub that says what it does and has a lasting session. `format` is that of `-F`,
/// after the mark.
std::vector<std::string> mosquitto_sub(const MqttAccess& broker, const std::string& client_id, int qos,
                                       const std::string& format, const std::vector<std::string>& topic_filters);

/// Decodes lower-case hexadecimal digits, as `%x` gives a payload.
std::string bytes_of(std::string_view hexadecimal);

}  // namespace pbxbridge::test
