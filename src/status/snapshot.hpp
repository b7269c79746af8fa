#pragma once

// Everything that an operator is shown of a running bridge, as plain values: the page, /status and `pbxbridge status`
// are made of it. It holds no payload, no secret, and no number of a caller, an extension or a queue.

#include "deliver/sink_status.hpp"
#include "observe/failure.hpp"
#include "pbx/session_status.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/gaps/gap.hpp"
#include "status/process_usage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::status {

/// Events a second.
struct Rate {
  double over_10_seconds = 0;
  double over_1_minute = 0;
};

/// Seconds, of the last minute; nothing where nothing was measured in it.
struct Percentiles {
  std::optional<double> p50;
  std::optional<double> p99;
};

struct Process {
  std::string version;
  SystemTime started_at{};
  ProcessUsage usage;
};

struct Reload {
  SystemTime at{};
  bool applied = true;
  std::string problem;  ///< why it was rejected, or what it did not apply; empty: nothing
};

struct Configuration {
  std::string file;
  std::string hash;  ///< the same for the same settings, whatever the values of secrets are
  SystemTime loaded_at{};
  std::optional<Reload> last_reload;
};

struct Pbx {
  std::string name;
  std::string account;  ///< kind of the account: "extension", "tenant" or "system"
  pbx::SessionStatus session;
  Rate received;
  std::uint64_t events = 0;  ///< accepted since the start
  std::optional<SystemTime> last_event;
};

struct Sink {
  std::string name;
  std::string type;
  deliver::SinkStatus loop;
  Rate in;   ///< deliveries that the routes make for it
  Rate out;  ///< deliveries that it acknowledges
  Percentiles acknowledgement;
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;
  std::uint64_t rejected = 0;
  std::uint64_t dropped = 0;
  std::uint64_t dead_letters = 0;
};

struct Route {
  std::size_t number = 0;  ///< place in the configuration, from 1
  int line = 0;            ///< in the configuration file
  std::string match;       ///< as the configuration has it, without the values of numbers
  std::vector<std::string> sinks;
  std::uint64_t events = 0;  ///< taken since the start or the last reload
};

struct Spool {
  std::string type;  ///< "disk" or "memory"
  bool writable = true;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t queued_events = 0;  ///< received and not yet committed
  std::uint64_t oldest_seconds = 0;
  Percentiles commit;
  std::optional<std::uint64_t> free_bytes;  ///< of its disk; nothing: not known
};

/// Values of one sink at one moment.
struct ChartPoint {
  std::string sink;
  double out_per_second = 0;  ///< over 10 s
  std::uint64_t lag_events = 0;
  std::optional<double> acknowledgement_p99;  ///< as in `Percentiles`
};

struct Snapshot {
  SystemTime at{};
  Process process;
  Configuration configuration;
  std::vector<Pbx> pbxs;
  std::vector<Sink> sinks;
  std::vector<Route> routes;
  Spool spool;
  std::vector<spool::Gap> gaps;  ///< the latest, oldest first
};

/// One of a sink's rejections, with the sink's name; both point into what it was taken from.
struct LatestRejection {
  const std::string* sink;
  const deliver::Rejection* rejection;
};

/// The latest `deliver::most_rejections` of all sinks, oldest first. `sinks` outlives them.
std::vector<LatestRejection> latest_rejections(const std::vector<Sink>& sinks);

}  // namespace pbxbridge::status
