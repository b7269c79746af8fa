#pragma once

#include "pbxbridge/sink.hpp"
#include "sink/event_loop.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Treats a sink as the core does: a window, a new sink after a lost connection, everything unacknowledged delivered
/// again, in order. Simpler than src/deliver, and so an example of what an adapter may count on.
class RedeliveringCore final : public SinkObserver {
 public:
  using MakeSink = std::function<std::unique_ptr<Sink>(SinkContext)>;

  RedeliveringCore(EventLoop& loop, MakeSink make_sink, std::vector<Delivery> deliveries);

  /// Delivers until every delivery is acknowledged; false if they are not within `deadline`. `meanwhile` is called
  /// once, as soon as a third of them is acknowledged and others are in flight.
  [[nodiscard]] bool run(std::chrono::milliseconds deadline, std::function<void()> meanwhile);

  std::size_t acknowledged() const { return acknowledged_; }
  std::size_t losses() const { return losses_; }
  std::size_t retries() const { return retries_; }
  /// Last words of the sinks, for a failed test's message.
  const std::string& last_reason() const { return last_reason_; }

  void connected(std::string detail) override;
  void connection_lost(Error error) override;
  void outcome(std::uint64_t token, Outcome outcome) override;
  void writable() override;
  void notice(std::string, std::string) override {}

 private:
  enum class State : std::uint8_t { waiting, in_flight, acknowledged };
  struct Entry {
    Delivery delivery;
    State state = State::waiting;
  };

  void connect();
  void deliver();
  void hand_off_what_fits();

  EventLoop& loop_;
  MakeSink make_sink_;
  std::vector<Entry> entries_;
  std::unique_ptr<Sink> sink_;
  std::optional<std::chrono::steady_clock::time_point> connect_at_;
  bool connected_ = false;
  bool full_ = false;
  bool is_delivering_ = false;
  std::size_t first_waiting_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t acknowledged_ = 0;
  std::size_t losses_ = 0;
  std::size_t retries_ = 0;
  std::string last_reason_;
};

}  // namespace pbxbridge::test
