#pragma once

// The tests that every sink passes (conformance_tests.cpp). A sink's own test file derives a `SinkHarness` and
// instantiates the suites that can exist for it:
//
//     INSTANTIATE_TEST_SUITE_P(Kafka, SinkConformance, testing::Values(harness_factory<KafkaHarness>()));
//
// A suite that cannot exist for a sink (a stream cannot reject an event for good) is declared so, with the reason
// next to it:
//
//     // A stream takes every line: nothing is rejected for good.
//     GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SinkRejectConformance);
//
// Link `sink_conformance`.

#include "pbxbridge/sink.hpp"
#include "pbxbridge/sink_type.hpp"
#include "sink/event_loop.hpp"
#include "sink/recording_observer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::test {

/// One event as it stands on the far side.
struct Arrived {
  std::optional<std::string> topic;  ///< nothing where the sink has none
  std::optional<std::string> key;
  std::string payload;
  bool has_null_value = false;  ///< which the far side tells from a payload of no bytes
};

/// Form of a removal on the far side.
enum class RemovalForm : std::uint8_t { no_bytes, null_value, line };

/// A sink's far side (a broker, a file, a pipe) under the test's control, and sinks that lead to it. Made afresh for
/// each test, with the far side up, and with topics of its own where it shares a broker with other tests. What goes
/// wrong in a harness throws.
class SinkHarness {
 public:
  virtual ~SinkHarness() = default;

  /// A new sink, not yet connected, that puts payloads unchanged on the far side (format raw or cloudevents), also one
  /// of no bytes.
  virtual std::unique_ptr<Sink> make_sink(SinkContext context) = 0;

  /// The topics to deliver to: one at least; two where the sink has topics.
  virtual std::vector<std::string> topics() = 0;

  /// Events that have arrived since the harness was made, in order of arrival (over several topics or partitions: in
  /// order within each). May wait a moment for those that are on their way.
  virtual std::vector<Arrived> arrived() = 0;

  virtual RemovalForm removal_form() const { return RemovalForm::no_bytes; }

  /// SinkDownConformance: afterwards nothing can be reached; open connections end.
  virtual void take_far_side_down();
  /// Name that the reason of a failed connection must hold: "127.0.0.1:9092", a path.
  virtual std::string far_side_name();

  /// SinkRestartConformance: ends the far side at once, as a crash does, and brings it back with what it had
  /// acknowledged.
  virtual void restart_far_side();

  /// SinkFreezeConformance: from `freeze` to `thaw` the far side keeps its connections and acknowledges nothing.
  virtual void freeze();
  virtual void thaw();

  /// SinkRetryConformance: until `take_again`, deliveries to `topics().front()` are answered with retry.
  virtual void reject_for_now();
  virtual void take_again();

  /// SinkRejectConformance: makes of a good delivery one that is rejected for good (too large, no permission for a
  /// topic).
  virtual Delivery make_rejectable(Delivery delivery);
};

/// The settings that a type reads from YAML (`{type: file, path: /tmp/events}`). Throws what is wrong with them.
std::shared_ptr<const SinkSettings> settings_of(const SinkType& type, std::string_view yaml);

/// The same delivery with another JSON payload.
Delivery with_payload(Delivery delivery, std::string_view payload);
/// The same delivery of a removal.
Delivery as_removal(Delivery delivery);

struct HarnessFactory {
  std::function<std::unique_ptr<SinkHarness>()> make;

  /// The end of a test's name, where gtest would print addresses.
  friend void PrintTo(const HarnessFactory&, std::ostream* out) { *out << "harness"; }
};

template <class Harness>
HarnessFactory harness_factory() {
  return {[] { return std::make_unique<Harness>(); }};
}

class ConformanceTest : public testing::TestWithParam<HarnessFactory> {
 protected:
  ConformanceTest();
  ~ConformanceTest() override;

  void make_sink();
  /// Makes the sink and connects it; fails the test if that takes more than 30 s.
  void connect();
  /// Closes, destroys and says how long closing took; nothing if it was not closed two seconds after `timeout`.
  std::optional<std::chrono::milliseconds> close(std::chrono::milliseconds timeout);
  void destroy();

  /// The n-th event. The payload names key and number, so that it is found again on a far side without keys.
  Delivery delivery(const std::string& key, std::uint64_t number);
  std::vector<Delivery> deliveries(std::size_t count, std::size_t keys);
  [[nodiscard]] bool deliver(const Delivery& delivery);
  /// Delivers, in order, as many as the sink takes now; returns how many.
  std::size_t deliver_what_fits(const std::vector<Delivery>& deliveries);
  /// Delivers all, in order, with at most `window()` in flight, and waits until each has its outcome.
  void deliver_all(const std::vector<Delivery>& deliveries);
  [[nodiscard]] bool wait_for_outcomes();

  void expect_outcomes(const std::vector<Delivery>& deliveries, Outcome::Kind kind);
  /// These and no others have arrived, each once, in order within each topic and key.
  void expect_arrived_in_order(const std::vector<Delivery>& deliveries);
  /// The same, but repeats are left out.
  void expect_arrived_at_least_once(const std::vector<Delivery>& deliveries);

  std::unique_ptr<SinkHarness> harness_;
  EventLoop loop_;
  RecordingObserver observer_;
  std::unique_ptr<Sink> sink_;

 private:
  std::uint64_t last_token_ = 0;
};

/// Opening, order, outcomes, window, closing, destruction: for every sink.
class SinkConformance : public ConformanceTest {};
/// Tests of sinks whose far side may not be there.
class SinkDownConformance : public ConformanceTest {};
/// Tests of sinks whose far side can be there and confirm nothing.
class SinkFreezeConformance : public ConformanceTest {};
/// Tests of sinks whose far side can end and come back.
class SinkRestartConformance : public ConformanceTest {};
/// Tests of sinks whose far side can decline for now.
class SinkRetryConformance : public ConformanceTest {};
/// Tests of sinks whose far side can reject an event for good.
class SinkRejectConformance : public ConformanceTest {};

}  // namespace pbxbridge::test
