#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// Says why a broker did not take records, where a line of librdkafka's debug log tells that: "topic cdr: the partition
/// has fewer replicas in sync than it demands (Broker: Not enough in-sync replicas)".
std::optional<std::string> refusal_in_log(std::string_view facility, std::string_view text);

/// Remembers what brokers have refused for now. librdkafka sends such records again by itself for as long as it takes,
/// and tells nobody but its debug log.
class ProduceRefusals {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A line of the debug log; any thread.
  void note(std::string_view facility, std::string_view text, Time now);
  /// The last; nothing where there was none since `begin`.
  std::optional<std::string> last_since(Time begin) const;

 private:
  mutable std::mutex mutex_;
  std::string last_;  // under mutex_
  Time last_at_;      // under mutex_
};

}  // namespace pbxbridge::sink
