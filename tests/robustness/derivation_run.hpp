#pragma once

#include "config/spool_config.hpp"
#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "spool/derivation.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace pbxbridge::test {

/// Numbered events are of a fixed time.
inline config::SpoolConfig spool_of_derivations(const std::filesystem::path& path) {
  config::SpoolConfig config;
  config.path = path;
  config.max_age = std::chrono::hours(24 * 3650);
  return config;
}

using Rows = std::map<std::string, std::string>;

/// A cause that is known by a number, as large as differs from one to the next.
inline NewEventPtr cause_of(std::uint64_t number) {
  return spool::numbered_event(number, 100 + (number * 7919) % 6000);
}

/// Many causes change one row; some remove it.
inline std::string row_key_of(std::uint64_t number) { return std::to_string(number % 13); }

inline std::optional<std::string> row_of(std::uint64_t number) {
  return number % 7 == 0 ? std::nullopt : std::optional(std::to_string(number));
}

/// Derives, as state is, a row and an event of the latest cause of each row. From some causes nothing follows.
class LatestOfEachRow {
 public:
  void add(std::uint64_t number, const Event& cause) {
    if (number % 5 > 0) latest_.insert_or_assign(row_key_of(number), std::pair(number, &cause));
  }
  bool empty() const { return latest_.empty(); }

  spool::Derivation derive() {
    spool::Derivation derivation;
    for (const auto& [key, latest] : latest_) {
      const auto& [number, cause] = latest;
      const std::string payload =
          fmt::format(R"({{"event_type":"state_queue","number":{},"event_id":"{}"}})", number, cause_placeholder);
      EventAttributes attributes;
      attributes.pbx = "hq";
      attributes.event_type = "state_queue";
      attributes.entity = key;
      attributes.entity_kind = EntityKind::queue;
      attributes.family = Family::state;
      derivation.events.push_back({Event::make(payload, attributes), cause});
      derivation.changes.push_back({key, row_of(number)});
    }
    latest_.clear();
    return derivation;
  }

 private:
  std::map<std::string, std::pair<std::uint64_t, const Event*>> latest_;
};

}  // namespace pbxbridge::test
