#pragma once

#include "truth/cloudevent.hpp"
#include "truth/event_file.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::bench {

/// Faults, and how often each was found. Nothing is judged by a time.
struct Findings {
  std::size_t delivered = 0;           ///< different events
  std::size_t lost = 0;                ///< never delivered
  std::size_t duplicates = 0;          ///< deliveries after an event's first
  std::size_t out_of_order = 0;        ///< first deliveries after a newer event of the same entity
  std::size_t altered = 0;             ///< other bytes than those of the event of that number
  std::size_t foreign = 0;             ///< messages that are no event that was pushed
  std::size_t split_keys = 0;          ///< entities whose events came under more than one key (Kafka) or topic (MQTT)
  std::size_t merged_keys = 0;         ///< entities under the key of another one, which is none of its namesakes
  std::size_t without_attributes = 0;  ///< messages that lack what CloudEvents requires, or have another specversion
  std::size_t shared_ids = 0;          ///< events with the id of another one
  std::size_t changed_ids = 0;         ///< deliveries after an event's first that have another id than that
  std::vector<std::string> examples;   ///< a line for people, of the first few of each kind

  /// Every event, unchanged, in order, and nothing else. Duplicates are allowed: at least once is the promise.
  bool sound() const {
    return lost == 0 && out_of_order == 0 && altered == 0 && foreign == 0 && split_keys == 0 && merged_keys == 0 &&
           without_attributes == 0 && shared_ids == 0 && changed_ids == 0;
  }
};

/// Compares what a consumer gets, in the order in which it gets it, with what was pushed. Order within an entity is
/// judged by the events' own entities, and not by the keys that a bridge chose: under one key each order would do.
class Judge {
 public:
  /// `events` must outlive this object.
  explicit Judge(const EventFile& events);

  /// One message. `attributes`: where it is to be a CloudEvent. The number of the event where this is its first
  /// delivery, else 0.
  std::uint32_t take(std::string_view payload, std::string_view key, const std::optional<CloudEvent>& attributes = {});

  /// Once, at the end.
  Findings finish();

 private:
  void note(std::size_t count, std::string text);
  void check_order(std::uint32_t number);
  void check_key(std::uint32_t number, std::string_view key);
  void check_attributes(std::uint32_t number, const CloudEvent& attributes);
  void find_merged_keys();
  void find_shared_ids();

  const EventFile& events_;
  std::vector<bool> seen_;             ///< by number less one
  std::vector<std::uint32_t> newest_;  ///< by entity: the highest number that was delivered; 0: none
  std::vector<std::uint64_t> key_;     ///< by entity: hash of its first key
  std::vector<bool> split_;            ///< by entity
  std::vector<std::uint64_t> id_;      ///< by number less one: hash of its first id; 0: none; empty without CloudEvents
  Findings findings_;
};

}  // namespace pbxbridge::bench
