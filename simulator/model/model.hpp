#pragma once

#include "simulator/model/call_flow.hpp"
#include "simulator/model/call_records.hpp"
#include "simulator/model/context.hpp"
#include "simulator/model/event.hpp"
#include "simulator/model/management.hpp"
#include "simulator/model/orders.hpp"
#include "simulator/model/phones.hpp"
#include "simulator/model/queue_flow.hpp"
#include "simulator/model/staff.hpp"
#include "simulator/model/traffic.hpp"
#include "simulator/model/trunk_links.hpp"
#include "simulator/model/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// Lets the calls, queues and people of a world go on, and says what a PBX pushes about it. Nothing happens but what
/// the model's own clock has come to, and nothing is pushed but what has happened. The same world, seed, start and
/// orders give the same events, byte for byte.
class Model {
 public:
  static constexpr Time forever = Time::max();

  /// `world` must outlive this object; its extensions and queues change with the events. `day`: it is as late in it as
  /// `start` is.
  Model(World& world, std::uint64_t seed, Time start, Dialect dialect, Day day);
  /// Eight in the morning.
  Model(World& world, std::uint64_t seed, Time start, Dialect dialect)
      : Model(world, seed, start, dialect, Day(start)) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// The next event, where it happens until then; otherwise nothing, and the model's clock has come to `until`.
  std::optional<Event> next(Time until = forever);

  /// An event that has happened already and was not taken yet.
  std::optional<Event> next_of_this_moment();

  /// Time of the next step, which need not have an event.
  Time next_due() const;

  /// Empty where it was done, otherwise why not.
  std::string execute(std::string_view order);

  Time now() const { return context_.now; }
  const CallFlow::OpenCalls& open_calls() const { return calls_.open(); }
  const CallRecords& records() const { return records_; }
  Day day() const { return context_.day; }

 private:
  Context context_;
  CallRecords records_;
  Phones phones_;
  QueueFlow queues_;
  CallFlow calls_;
  Traffic traffic_;
  Staff staff_;
  TrunkLinks trunks_;
  Management management_;
  Orders orders_;
};

}  // namespace pbxbridge::sim
