#pragma once

#include "mqtt/packet_identifiers.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pbxbridge::mqtt {

/// Messages under the packet identifiers in use on one connection. Identifiers roll on over the whole range
/// while there are few messages at once: a table leads from each identifier to one of as many slots as there may be
/// messages. A slot names its identifier, so entries of the table that are out of date lead nowhere.
class InFlight {
 public:
  enum class Awaits : std::uint8_t { nothing, puback, pubrec, pubcomp };

  /// Has room for so many messages at once: 1 to 65,535.
  explicit InFlight(std::size_t limit);

  bool full() const { return free_slots_.empty(); }
  std::size_t size() const { return slots_.size() - free_slots_.size(); }
  std::size_t limit() const { return slots_.size(); }
  /// Those that have or had to be answered by PUBREC.
  std::size_t size_of_qos_2() const { return qos_2_; }

  /// Requires room, and an identifier that stands for no message.
  void add(std::uint16_t identifier, std::uint64_t token, Awaits acknowledgement);
  /// Nothing for an identifier that stands for no message.
  Awaits awaits(std::uint16_t identifier) const {
    const Slot& slot = slots_[slot_of_[identifier]];
    return slot.identifier == identifier ? slot.awaits : Awaits::nothing;
  }
  /// The next step of one that awaits something; the same goes for `remove`.
  void await_pubcomp(std::uint16_t identifier) { slot(identifier).awaits = Awaits::pubcomp; }
  /// Returns the token.
  std::uint64_t remove(std::uint16_t identifier);

  /// Time is counted in calls to this, whose rhythm is the caller's: no clock is read for a message.
  void tick() { ++now_; }
  std::uint32_t now() const { return now_; }
  /// Number of ticks that the oldest message has seen. Looks at all of them.
  std::uint32_t oldest_age() const;

 private:
  struct Slot {
    std::uint64_t token = 0;
    std::uint32_t added = 0;  // ticks before
    std::uint16_t identifier = 0;
    Awaits awaits = Awaits::nothing;
  };
  Slot& slot(std::uint16_t identifier) { return slots_[slot_of_[identifier]]; }

  std::vector<Slot> slots_;
  std::vector<std::uint16_t> free_slots_;  // the last one freed is used first: it is in the cache
  std::vector<std::uint16_t> slot_of_;     // by identifier
  std::size_t qos_2_ = 0;
  std::uint32_t now_ = 0;
};

}  // namespace pbxbridge::mqtt
