#pragma once

#include <cstdint>

namespace pbxbridge::mqtt {

/// Decides when to send a PINGREQ, and when a broker that answers nothing counts as lost. Counts ticks instead of
/// reading a clock, four to the keep alive time: a process that was stopped for a while then hears what has come
/// meanwhile before it judges.
///
/// The broker ends a connection on which it hears nothing for one and a half times the keep alive (MQTT 5.0,
/// 3.1.2.10), so silence of ours is broken in time; and so is silence of the broker's while we send, for messages with
/// QoS 0 are answered by nothing.
class KeepAlive {
 public:
  enum class Due : std::uint8_t { nothing, ping, lost };

  static constexpr std::uint32_t ticks = 4;

  void sent() { since_sent_ = 0; }
  /// A whole packet has come.
  void heard() {
    since_heard_ = 0;
    since_ping_ = 0;
    awaiting_ = false;
  }
  /// On `ping` the caller sends a PINGREQ.
  Due tick() {
    ++since_sent_;
    ++since_heard_;
    if (awaiting_ && ++since_ping_ >= ticks) return Due::lost;
    const bool quiet = since_sent_ >= ticks - 1 || (since_heard_ >= ticks - 1 && !awaiting_);
    if (!quiet) return Due::nothing;
    since_sent_ = 0;
    awaiting_ = true;
    return Due::ping;
  }

 private:
  std::uint32_t since_sent_ = 0;
  std::uint32_t since_heard_ = 0;
  std::uint32_t since_ping_ = 0;  // the first that was not answered
  bool awaiting_ = false;
};

}  // namespace pbxbridge::mqtt
