#pragma once

#include "pbxbridge/event.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pbxbridge::spool {

/// An event that is known by a number: all that it holds follows from it, so that any event can be checked alone.
NewEventPtr numbered_event(std::uint64_t number, std::size_t payload_size = 200);
EventPtr accepted_event(std::uint64_t number, Sequence sequence, SpoolId spool_id, std::size_t payload_size = 200);

/// The number of an event that came from `numbered_event`; -1 if anything in it is not as it was made.
std::int64_t number_of(const Event& event);

}  // namespace pbxbridge::spool
