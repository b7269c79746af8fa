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
#include <string>

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

/// What follows from it: up to three events, and the change of a row.
inline spool::Derivation derivation_of(std::uint64_t number) {
  const std::string entity = std::to_string(number);
  const std::string payload = fmt::format(R"({{"event_type":"state_queue","event_id":"{}"}})", cause_placeholder);
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "state_queue";
  attributes.entity = entity;
  attributes.entity_kind = EntityKind::queue;
  attributes.family = Family::state;
  spool::Derivation derivation;
  for (std::uint64_t made = 0; made < number % 4; ++made) derivation.events.push_back(Event::make(payload, attributes));
  spool::TableChange change{std::to_string(number % 13), entity};
  if (number % 7 == 0) change.row.reset();
  derivation.changes.push_back(std::move(change));
  return derivation;
}

inline void apply(const spool::Derivation& derivation, Rows& rows) {
  for (const auto& [key, row] : derivation.changes) {
    rows.erase(key);
    if (row) rows.emplace(key, *row);
  }
}

}  // namespace pbxbridge::test
