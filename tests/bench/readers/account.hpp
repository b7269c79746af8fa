#pragma once

#include "truth/judge.hpp"
#include "truth/timeline.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pbxbridge::bench {

/// Returns the time in the form that the simulated PBX writes into its ledger: UNIX time.
std::int64_t now_us();

/// Account of what was read so far: right or wrong, and when.
class Account {
 public:
  explicit Account(const EventFile& events) : events_(events), judge_(events) {}

  /// One message, in the order in which a consumer gets them. `attributes`: where it is to be a CloudEvent.
  void take(std::string_view payload, std::string_view key, std::int64_t time_us,
            const std::optional<CloudEvent>& attributes) {
    if (const auto number = judge_.take(payload, key, attributes)) timeline_.arrived(number, time_us);
  }

  /// All of it, as one line of JSON for the runner. Once, at the end. `ledger` empty: no latencies.
  std::string close(const std::filesystem::path& ledger);

 private:
  const EventFile& events_;
  Judge judge_;
  Timeline timeline_;
};

}  // namespace pbxbridge::bench
