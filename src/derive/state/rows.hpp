#pragma once

#include "pbxbridge/enum_names.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <variant>

namespace pbxbridge::derive::state {

/// UNIX seconds; 0: there is none.
using Seconds = std::int64_t;

/// State of an agent in one queue; `unknown`: a word that the vendor does not have.
enum class AgentState : std::uint8_t {
  ready,
  queue_call,
  wrap_up,
  other_call,
  not_ready,
  logged_out,
  offline,
  unknown
};

}  // namespace pbxbridge::derive::state

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::derive::state::AgentState>
    pbxbridge::enum_names<pbxbridge::derive::state::AgentState>[] = {
        {derive::state::AgentState::ready, "ready"},         {derive::state::AgentState::queue_call, "queue_call"},
        {derive::state::AgentState::wrap_up, "wrap_up"},     {derive::state::AgentState::other_call, "other_call"},
        {derive::state::AgentState::not_ready, "not_ready"}, {derive::state::AgentState::logged_out, "logged_out"},
        {derive::state::AgentState::offline, "offline"},     {derive::state::AgentState::unknown, "unknown"}};

namespace pbxbridge::derive::state {

// One row of each table. Their keys are in row_key.hpp, their bytes in row_codec.hpp. `updated` is when the document of
// the row was made.

struct ExtensionRow {
  std::string id;
  std::string name;
  std::string presence;  ///< as the PBX writes it, like the two that follow
  std::string presence_note;
  std::string call_status;
  bool is_known = false;  ///< the PBX has told its state; until then there is no document of it
  bool online = false;
  bool push_online = false;
  Seconds since = 0;  ///< of its state
  Seconds updated = 0;
  bool operator==(const ExtensionRow&) const = default;
};

struct QueueRow {
  /// Totals of what happened to callers, counted since the row was made.
  struct Totals {
    std::uint64_t entered = 0;
    std::uint64_t answered = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t overflowed = 0;
    std::uint64_t called_back = 0;
    std::uint64_t sla_breached = 0;
    bool operator==(const Totals&) const = default;
  };
  std::string number;
  std::string name;
  Totals totals;
  Seconds updated = 0;
  /// Administration names a queue by its number alone: one that has none could not be removed, and has no document.
  bool is_shown() const { return !number.empty(); }
  bool operator==(const QueueRow&) const = default;
};

struct AgentRow {
  AgentState state = AgentState::unknown;
  std::string session;
  Seconds since = 0;
  Seconds updated = 0;
  bool operator==(const AgentRow&) const = default;
};

/// Somebody who waits in a queue.
struct CallerRow {
  bool wants_call_back = false;  ///< is not on the line, and waits to be called
  Seconds since = 0;
  bool operator==(const CallerRow&) const = default;
};

enum class CallStatus : std::uint8_t { ringing, talking, on_hold, ended };

struct CallRow {
  CallStatus status = CallStatus::ringing;
  std::string direction;
  std::string caller;
  std::string callee;
  Seconds started = 0;
  Seconds answered = 0;
  Seconds updated = 0;
  bool has_numbers() const { return !caller.empty() || !callee.empty(); }
  CallRow without_numbers() const {
    CallRow row = *this;
    row.caller.clear();
    row.callee.clear();
    return row;
  }
  bool operator==(const CallRow&) const = default;
};

enum class TableKind : std::uint8_t { extension, queue, agent, caller, call };

/// A row of any table; the first stands for none. The others are in the order of `TableKind`.
using Row = std::variant<std::monostate, ExtensionRow, QueueRow, AgentRow, CallerRow, CallRow>;

inline bool is_none(const Row& row) { return row.index() == 0; }

}  // namespace pbxbridge::derive::state

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::derive::state::CallStatus>
    pbxbridge::enum_names<pbxbridge::derive::state::CallStatus>[] = {{derive::state::CallStatus::ringing, "ringing"},
                                                                     {derive::state::CallStatus::talking, "talking"},
                                                                     {derive::state::CallStatus::on_hold, "on_hold"},
                                                                     {derive::state::CallStatus::ended, "ended"}};

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::derive::state::TableKind>
    pbxbridge::enum_names<pbxbridge::derive::state::TableKind>[] = {{derive::state::TableKind::extension, "extension"},
                                                                    {derive::state::TableKind::queue, "queue"},
                                                                    {derive::state::TableKind::agent, "agent"},
                                                                    {derive::state::TableKind::caller, "caller"},
                                                                    {derive::state::TableKind::call, "call"}};
