#pragma once

#include <string>

namespace pbxbridge::test {

/// A PBX entry of the simulator's built-in tenant user, subscribed to everything that it may have.
inline std::string everything_of(const std::string& url, const std::string& more = "") {
  return "pbx:\n"
         "  - name: hq\n"
         "    url: " +
         url +
         "\n"
         "    auth: { username: bridge, domain: example.test, password: secret }\n"
         "    reconnect: { initial: 50ms, maximum: 200ms }\n" +
         more +
         "    subscribe:\n"
         "      - { topic: extension_events, extensions: [\"101\", \"102\"] }\n"
         "      - { topic: extension_management_events }\n"
         "      - { topic: queue_events, queues: [\"8001\"] }\n"
         "      - { topic: queue_management_events }\n"
         "      - { topic: cdr_events }\n";
}
inline constexpr int everything_subscriptions = 5;

}  // namespace pbxbridge::test
