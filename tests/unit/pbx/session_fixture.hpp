#pragma once

#include "machine_script.hpp"
#include "metrics/metrics.hpp"
#include "pbx/session.hpp"
#include "scripted_peer.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::pbx::test {

using namespace std::chrono_literals;

struct ReceivedEvent {
  std::string payload;
  SystemTime received_at;
  std::uint32_t connection_epoch;
};

class Recorder final : public EventReceiver {
 public:
  bool receive(std::string_view pbx, std::string_view payload, const Reception& reception) override {
    EXPECT_EQ(pbx, "hq");
    events.push_back({std::string(payload), reception.at, reception.connection_epoch});
    return room;
  }
  void message_dropped(std::string_view) override { ++messages_dropped; }
  void snapshots_asked(std::string_view, bool is_answered) override { snapshots_asked_changes.push_back(is_answered); }
  void subscribed(std::string_view pbx, bool is_subscribed, SystemTime) override {
    EXPECT_EQ(pbx, "hq");
    subscribed_changes.push_back(is_subscribed);
  }
  void status_changed(std::string_view pbx, const SessionStatus& status) override {
    EXPECT_EQ(pbx, "hq");
    statuses.push_back(status);
  }
  std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const auto& event : events) all.push_back(event.payload);
    return all;
  }
  std::vector<ReceivedEvent> events;
  bool room = true;
  int messages_dropped = 0;
  std::vector<bool> subscribed_changes;
  std::vector<bool> snapshots_asked_changes;
  std::vector<SessionStatus> statuses;
};

/// A session of one account, its log and metrics, on an io loop that runs while a test waits.
class SessionRunner : public testing::Test {
 protected:
  void start(const std::string& url) {
    config.url.value = url;
    session.emplace(io, config, recorder, log, metrics.pbx("hq"), max_pause);
    session->start();
  }

  void TearDown() override {
    session.reset();
    io.restart();
    io.run_for(10ms);
  }

  [[nodiscard]] bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = 15s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_for(2ms);
    }
    return true;
  }
  [[nodiscard]] bool run_until_logged(const std::string& part) {
    return run_until([&] { return logged(part) > 0; });
  }
  void run_for(std::chrono::milliseconds time) {
    io.restart();
    io.run_for(time);
  }

  long logged(const std::string& part) {
    const std::lock_guard lock(log_mutex);
    return std::count_if(log_lines.begin(), log_lines.end(),
                         [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }

  SessionMetrics& metric() { return metrics.pbx("hq"); }

  boost::asio::io_context io;
  pbxbridge::test::TemporaryDirectory directory;
  std::mutex log_mutex;
  std::vector<std::string> log_lines;  // under log_mutex
  observe::Log log{observe::LogFormat::text, [this](const std::string& line) {
                     const std::lock_guard lock(log_mutex);
                     log_lines.push_back(line);
                   }};
  metrics::Metrics metrics;
  Recorder recorder;
  config::PbxConfig config = quick();
  std::chrono::milliseconds max_pause = 60s;
  std::optional<Session> session;

 private:
  static config::PbxConfig quick() {
    auto config = one_subscription();
    config.reconnect = {10ms, 50ms};
    config.auth_retry = {10ms, 50ms};
    return config;
  }
};

/// Accepts the account, grants the subscription.
inline void let_in(PeerConnection& peer) {
  peer.read();
  peer.write(accepted);
  peer.read();
  peer.write(granted);
}

/// Reads until the client closes.
inline std::vector<std::string> read_rest(PeerConnection& peer) {
  std::vector<std::string> messages;
  while (auto message = peer.read()) messages.push_back(*message);
  return messages;
}

}  // namespace pbxbridge::pbx::test
