#pragma once

#include "pbxbridge/enum_names.hpp"

#include <cstdint>

namespace pbxbridge::spool {

/// Reason why an event never reaches a sink that its routes name.
enum class DropReason : std::uint8_t {
  overload,           ///< not accepted: the queue before the disk was full
  spool_full,         ///< the bound on the spool's size made room, or let nothing more in
  expired,            ///< older than the bound on the events' age
  corrupted,          ///< the disk no longer holds what was written
  rejected,           ///< rejected for good, and the spool keeps no dead letters
  dead_letters_full,  ///< was a dead letter, and the bound on those made room
  dead_letter_copy,   ///< was to come as a copy of another sink's dead letter, and there was no room
};

/// Reason why events are missing in what the PBX has pushed.
enum class GapReason : std::uint8_t {
  disconnected,  ///< the connection to the PBX was lost: what it pushed until the next was never seen
  not_running,   ///< pbxbridge had ended, in whatever way: likewise
  overload,
  spool_full,
  expired,
  corrupted,
};

}  // namespace pbxbridge::spool

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::spool::DropReason>
    pbxbridge::enum_names<pbxbridge::spool::DropReason>[] = {
        {spool::DropReason::overload, "overload"},
        {spool::DropReason::spool_full, "spool_full"},
        {spool::DropReason::expired, "expired"},
        {spool::DropReason::corrupted, "corrupted"},
        {spool::DropReason::rejected, "rejected"},
        {spool::DropReason::dead_letters_full, "dead_letters_full"},
        {spool::DropReason::dead_letter_copy, "dead_letter_copy"},
};

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::spool::GapReason> pbxbridge::enum_names<pbxbridge::spool::GapReason>[] =
    {
        {spool::GapReason::disconnected, "disconnected"}, {spool::GapReason::not_running, "not_running"},
        {spool::GapReason::overload, "overload"},         {spool::GapReason::spool_full, "spool_full"},
        {spool::GapReason::expired, "expired"},           {spool::GapReason::corrupted, "corrupted"},
};
