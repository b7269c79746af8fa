#pragma once

#include <string_view>

namespace pbxbridge::sink {

/// Returns whether a broker's Server Reference is what MQTT 5.0, 4.11 has it be: hosts, each a name or an address with
/// or without a port, separated by blanks. Anything else may repeat what the broker was sent, and a name with a number
/// as long as a phone's as well.
bool is_list_of_hosts(std::string_view reference);

}  // namespace pbxbridge::sink
