#pragma once

// Every metric of pbxbridge, declared once (metrics.cpp names and explains them). Each is present with 0 from the
// moment its PBX or sink is configured. Labels are names from the configuration and closed lists, never an extension, a
// queue or a number. Counters and gauges are atomics: any thread may change them.

#include "pbxbridge/event.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::observe {

/// Why a payload is untidy; it flows on all the same.
enum class Untidiness : std::uint8_t {
  not_json,
  not_utf8,
  not_an_object,
  no_event_type,
  unknown_event_type,
  repeated_key,
  huge_integer,
};
inline constexpr std::size_t untidiness_count = 7;
std::string_view to_string(Untidiness kind);

enum class SubscriptionState : std::uint8_t { pending, granted, rejected, silent };
inline constexpr std::size_t subscription_state_count = 4;
std::string_view to_string(SubscriptionState state);

/// Why an event never reaches a sink that its routes name.
enum class DropReason : std::uint8_t {
  overload,           ///< not accepted: the queue before the disk was full
  spool_full,         ///< the bound on the spool's size made room, or let nothing more in
  expired,            ///< older than the bound on the events' age
  corrupted,          ///< the disk no longer holds what was written
  rejected,           ///< refused for good, and the spool keeps no dead letters
  dead_letters_full,  ///< was a dead letter, and the bound on those made room
  dead_letter_copy,   ///< was to come as a copy of another sink's dead letter, and there was no room
};
inline constexpr std::size_t drop_reason_count = 7;
std::string_view to_string(DropReason reason);

/// Why events are missing in what the PBX has pushed.
enum class GapReason : std::uint8_t {
  disconnected,  ///< the connection to the PBX was lost: what it pushed until the next was never seen
  not_running,   ///< pbxbridge had ended, in whatever way: likewise
  overload,
  spool_full,
  expired,
  corrupted,
};
inline constexpr std::size_t gap_reason_count = 6;
std::string_view to_string(GapReason reason);

/// The bounds of the buckets of `acknowledgement_seconds`.
std::span<const double> acknowledgement_bounds();

/// What is measured of the spool.
struct SpoolMetrics {
  prometheus::Gauge* bytes;
  prometheus::Gauge* events;
  prometheus::Gauge* oldest_age_seconds;  ///< of the oldest event that some sink has yet to acknowledge
  prometheus::Gauge* writable;
  prometheus::Histogram* commit_seconds;
  std::array<prometheus::Counter*, gap_reason_count> gaps;
  std::array<prometheus::Counter*, gap_reason_count> gap_seconds;
};

/// What is measured of one PBX session.
struct PbxMetrics {
  std::array<prometheus::Counter*, family_count> events_accepted;  ///< by family
  std::array<prometheus::Counter*, untidiness_count> events_untidy;
  std::array<prometheus::Gauge*, subscription_state_count> subscriptions;
  prometheus::Counter* events_unrouted;
  prometheus::Counter* events_too_large;  ///< over max_frame_size, and so dropped before they were accepted
  prometheus::Counter* paused_seconds;    ///< of not reading, for lack of room in the spool
  prometheus::Counter* bytes_received;
  prometheus::Counter* connections;  ///< made, auth included
  prometheus::Counter* reconnects;   ///< made after the first
  prometheus::Counter* connection_failures;
  prometheus::Counter* auth_rejections;
  prometheus::Gauge* authenticated;  ///< 1 while connected and authenticated
  prometheus::Gauge* last_event_timestamp_seconds;
};

/// What is measured of one sink.
struct SinkMetrics {
  prometheus::Counter* events_delivered;
  prometheus::Counter* events_retried;
  prometheus::Counter* events_rejected;
  std::array<prometheus::Counter*, drop_reason_count> events_dropped;
  prometheus::Gauge* dead_letters;
  prometheus::Counter* route_fallbacks;
  prometheus::Counter* route_missing_keys;
  prometheus::Counter* connections;
  prometheus::Counter* connection_failures;
  prometheus::Gauge* connected;
  prometheus::Gauge* in_flight;
  prometheus::Gauge* lag_events;                   ///< committed and not yet acknowledged
  prometheus::Histogram* acknowledgement_seconds;  ///< from received to confirmed by the sink
};

/// A metric as it is declared, without its values.
struct MetricDescription {
  std::string name;
  std::string_view type;  ///< counter, gauge or histogram
  std::string help;
  std::map<std::string, std::set<std::string>> labels;  ///< the values of each
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Made on first use; the reference stays valid for the life of this object. Main thread only.
  PbxMetrics& pbx(const std::string& name);
  SinkMetrics& sink(const std::string& name);
  SpoolMetrics& spool();

  /// All of it in Prometheus' text format 0.0.4. Any thread.
  std::string text() const;

  /// Every metric, sorted by name; those of a PBX or a sink once one has been asked for. Any thread.
  std::vector<MetricDescription> descriptions() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
  std::map<std::string, PbxMetrics> pbx_;
  std::map<std::string, SinkMetrics> sinks_;
  SpoolMetrics spool_{};
};

}  // namespace pbxbridge::observe
