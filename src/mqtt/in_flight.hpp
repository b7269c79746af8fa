#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pbxbridge::mqtt {

/// The packet identifiers of one connection: which are free, and which message each of the others stands for. An array,
/// for identifiers are small numbers that this client chooses itself. They are used in turn, so that one comes again as
/// late as can be: an acknowledgement that a broker gives twice does then not confirm another message.
class InFlight {
 public:
  enum class Awaits : std::uint8_t { nothing, puback, pubrec, pubcomp };

  /// For so many messages at once: 1 to 65,535.
  explicit InFlight(std::size_t limit);

  bool full() const { return free_ == 0; }
  std::size_t size() const { return slots_.size() - free_; }
  std::size_t limit() const { return slots_.size(); }
  /// Those that have or had to be answered by PUBREC.
  std::size_t size_of_qos_2() const { return qos_2_; }

  /// Gives the message an identifier; only where there is one left.
  std::uint16_t add(std::uint64_t token, Awaits acknowledgement);
  /// Nothing for an identifier that stands for no message.
  Awaits awaits(std::uint16_t identifier) const;
  /// The next step of one that awaits something; the same goes for `remove`.
  void await_pubcomp(std::uint16_t identifier) { slot(identifier).awaits = Awaits::pubcomp; }
  /// Returns the token.
  std::uint64_t remove(std::uint16_t identifier);

  /// Time is counted in calls to this, whose rhythm is the caller's: no clock is read for a message.
  void tick() { ++now_; }
  /// How many ticks the oldest message has seen. Looks at all of them.
  std::uint32_t oldest_age() const;

 private:
  struct Slot {
    std::uint64_t token = 0;
    std::uint32_t added = 0;  // ticks before
    Awaits awaits = Awaits::nothing;
  };
  Slot& slot(std::uint16_t identifier) { return slots_[identifier - 1U]; }

  std::vector<Slot> slots_;               // of identifier 1 and following
  std::vector<std::uint16_t> free_ring_;  // the free ones, longest free first, from `first_free_` on and round
  std::size_t first_free_ = 0;
  std::size_t free_;
  std::size_t qos_2_ = 0;
  std::uint32_t now_ = 0;
};

}  // namespace pbxbridge::mqtt
