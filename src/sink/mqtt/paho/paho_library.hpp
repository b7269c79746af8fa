#pragma once

#include "sink/mqtt/paho/paho_trace.hpp"

#include <string_view>

namespace pbxbridge::sink {

/// Leaves the environment without http_proxy and https_proxy, which the library would obey for every kind of
/// connection, and without MQTT_C_CLIENT_TRACE, by which it would print payloads. For `SinkType::before_threads`.
void clear_environment_for_paho();

/// A variable in the environment that the library would obey; empty where there is none.
std::string_view variable_that_paho_obeys();

/// Makes the library ready for the process, once:
/// - OpenSSL 3 initialises itself.
/// - Its two threads are kept: it would end them with its last client, and wait for them.
void prepare_paho_library();

/// Returns the cause of the running callback; only within a callback of the library.
PahoCause paho_cause();

}  // namespace pbxbridge::sink
