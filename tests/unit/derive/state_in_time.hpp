#pragma once

#include "state_fixture.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {

inline std::string call(const std::string& event_type, const std::string& session) {
  return R"({"event_type":")" + event_type + R"(","session_id":")" + session + R"(","tenant_id":"1"})";
}

inline std::string extension(const std::string& number) {
  return R"({"event_type":"extension_status","tenant_id":"1","status":[{"extension":")" + number +
         R"(","online":true,"time":"1764000000"}]})";
}

inline std::string queue(const std::string& id, const std::string& waiting = "", const std::string& agents = "") {
  return R"({"event_type":"queue_status","tenant_id":"1","queue_id":")" + id + R"(","queue_number":"80)" + id +
         R"(","queue_name":"Sales","waiting_list":[)" + waiting + R"(],"agents":[)" + agents + "]}";
}

/// Ends of connections, and the events of the next.
class StateInTime : public testing::Test {
 protected:
  void connect(SystemTime at) {
    watch().subscribed(false);
    ++epoch_;
    at_ = at;
  }
  void subscribed() {
    watch().subscribed(true);
    EXPECT_THAT(following_.pass_time(at_), testing::IsEmpty());
  }
  PbxWatch& watch() { return following_.fold().watch("hq"); }
  std::vector<std::string> receive(const std::string& payload, bool is_snapshot = false) {
    return following_.receive(payload, {.at = at_, .connection_epoch = epoch_, .is_snapshot = is_snapshot});
  }

  Following following_;
  SystemTime at_ = noon;
  std::uint32_t epoch_ = 1;
};

}  // namespace pbxbridge::derive::state
