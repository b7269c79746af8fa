#include "sink/mqtt/paho/paho_library.hpp"

#include <MQTTAsync.h>
#include <cstdlib>
#include <mutex>

namespace pbxbridge::sink {
namespace {

constexpr const char* obeyed_variables[] = {"http_proxy", "https_proxy", "MQTT_C_CLIENT_TRACE",
                                            "MQTT_C_CLIENT_TRACE_LEVEL"};

thread_local PahoCause cause_on_this_thread;

/// The library calls it for one line at a time, under a lock of its own.
void take_line(MQTTASYNC_TRACE_LEVELS, char* line) {
  static PahoTrace& trace = *new PahoTrace;  // never destroyed: the library's threads run to the end
  if (line == nullptr) return;
  if (const auto cause = trace.read(line)) cause_on_this_thread = *cause;
}

}  // namespace

void clear_environment_for_paho() {
  for (const char* variable : obeyed_variables) unsetenv(variable);
}

std::string_view variable_that_paho_obeys() {
  for (const char* variable : obeyed_variables)
    if (std::getenv(variable) != nullptr) return variable;
  return {};
}

void prepare_paho_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init = 0;
    MQTTAsync_global_init(&options);
    static MQTTAsync keeps_threads = nullptr;
    MQTTAsync_create(&keeps_threads, "tcp://127.0.0.1:1", "idle", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
    MQTTAsync_setTraceCallback(take_line);
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_PROTOCOL);
  });
}

PahoCause paho_cause() { return cause_on_this_thread; }

}  // namespace pbxbridge::sink
