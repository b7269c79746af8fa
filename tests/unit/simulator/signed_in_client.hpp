#pragma once

#include "web_socket_client.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace pbxbridge::test {

inline const std::string cdr = R"({"event_type":"call_cdr","tenant_id":"710000000000000001"})";

/// The built-in user of the tenant example.test.
inline void sign_in(WebSocketClient& client) {
  client.send(R"({"command":"auth","username":"bridge","password":"secret","domain":"example.test"})");
  ASSERT_EQ(client.receive(), R"({"command":"auth","id":"1","status":0})");
}

inline void subscribe(WebSocketClient& client, const std::string& topic) {
  client.send(R"({"command":"subscribe","topics":[")" + topic + "\"]}");
  ASSERT_EQ(nlohmann::json::parse(client.receive()).at("status"), 0);
}

}  // namespace pbxbridge::test
