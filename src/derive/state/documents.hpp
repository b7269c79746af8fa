#pragma once

#include "derive/state/tables.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::derive::state {

enum class DocumentType : std::uint8_t { extension, agent, queue, call };

/// Place and time at which a change of state is known: what its events have of their cause.
struct Occasion {
  std::string_view pbx;
  std::string_view tenant;
  SystemTime at{};  ///< time of reception
  std::optional<std::chrono::sys_seconds> event_time;
  std::uint32_t connection_epoch = 0;
  Stretch stretch = 0;           ///< in which the event came
  const Event* cause = nullptr;  ///< the event itself; null: the time that has passed

  /// `at` in UNIX seconds.
  Seconds now() const { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }
  /// Returns what the PBX has sent, unless it is more than a day ahead: no clock is, and nothing has begun then.
  std::optional<Seconds> credible(std::optional<Seconds> told) const {
    constexpr Seconds ahead_max = 86'400;
    return told && *told <= now() + ahead_max ? told : std::nullopt;
  }
  /// Time at which it happened, by the PBX where it says so; `told`: what it says of a part of the event.
  Seconds time(std::optional<Seconds> told = {}) const {
    if (const auto of_part = credible(told)) return *of_part;
    if (!event_time) return now();
    return credible(event_time->time_since_epoch().count()).value_or(now());
  }
};

/// The word for an extension in `state_extension`, of all that is known of it the most pressing:
/// offline, on_call, ringing, do_not_disturb, away, lunch, business_trip, available.
std::string_view state_of(const ExtensionRow& row);

/// Makes the events of the family `state`: docs/schemas/events/state_*.schema.json. Each is one flat JSON document with
/// all fields of its type in a fixed order. One that is removed has the fields that identify it, and `removed`.
class Documents {
 public:
  /// `numbers`: whether calls show who calls whom.
  explicit Documents(bool numbers) : numbers_(numbers) {}

  NewEventPtr extension(const Occasion& occasion, std::string_view number, const ExtensionRow& row);
  NewEventPtr extension_removed(const Occasion& occasion, std::string_view number, const ExtensionRow& row);
  /// `extension_name`: of the agent; empty where it is not known.
  NewEventPtr agent(const Occasion& occasion, std::string_view queue_id, const QueueRow& queue,
                    std::string_view extension, std::string_view extension_name, const AgentRow& row);
  NewEventPtr agent_removed(const Occasion& occasion, std::string_view queue_id, const QueueRow& queue,
                            std::string_view extension, std::string_view extension_name);
  NewEventPtr queue(const Occasion& occasion, std::string_view id, const Queue& queue);
  NewEventPtr queue_removed(const Occasion& occasion, std::string_view id, const QueueRow& row);
  /// `ended_by`: left out where it is empty.
  NewEventPtr call(const Occasion& occasion, std::string_view session, const CallRow& row,
                   std::string_view ended_by = {});
  NewEventPtr call_removed(const Occasion& occasion, std::string_view session, const CallRow& row);

 private:
  void begin(const Occasion& occasion, DocumentType type);
  void put(std::string_view name, std::string_view text);
  void put(std::string_view name, std::int64_t number);
  void put_flag(std::string_view name, bool flag);
  // Fields that identify what a document is about. Its removal has them too, so that both go to one topic.
  void put_extension(std::string_view number, const ExtensionRow& row);
  void put_queue(std::string_view id, const QueueRow& row);
  void put_call(std::string_view session, const CallRow& row);
  void put_agent(std::string_view queue_id, const QueueRow& queue, std::string_view extension,
                 std::string_view extension_name);
  NewEventPtr end(const Occasion& occasion, DocumentType type, std::string_view entity, Seconds updated);
  NewEventPtr end_removed(const Occasion& occasion, DocumentType type, std::string_view entity);
  NewEventPtr make(const Occasion& occasion, DocumentType type, std::string_view entity, bool is_removal);

  bool numbers_;
  std::string payload_;  // kept for its capacity, as the next
  std::string hashed_;
};

}  // namespace pbxbridge::derive::state

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::derive::state::DocumentType>
    pbxbridge::enum_names<pbxbridge::derive::state::DocumentType>[] = {
        {derive::state::DocumentType::extension, "state_extension"},
        {derive::state::DocumentType::agent, "state_agent"},
        {derive::state::DocumentType::queue, "state_queue"},
        {derive::state::DocumentType::call, "state_call"}};
