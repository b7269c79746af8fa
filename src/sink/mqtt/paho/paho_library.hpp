#pragma once

#include "sink/mqtt/paho/paho_trace.hpp"

namespace pbxbridge::sink {

/// Makes the library ready for the process, once:
/// - The environment is left without http_proxy and https_proxy, which it would obey for every kind of connection, and
///   without MQTT_C_CLIENT_TRACE, by which it would print payloads. To be called before there are threads, where that
///   can be had.
/// - OpenSSL 3 initialises itself.
/// - Its two threads are kept: it would end them with its last client, and wait for them.
void prepare_paho_library();

/// What the callback is called for; within a callback of the library's.
PahoCause paho_cause();

}  // namespace pbxbridge::sink
