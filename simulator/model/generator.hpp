#pragma once

#include "simulator/model/event_facts.hpp"
#include "simulator/model/event_text.hpp"
#include "simulator/model/topic.hpp"
#include "simulator/model/world.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Lets calls, queues and people of a world go on, and says what a PBX would push about it. The same seed, the same
/// times and the same wishes give the same events, byte for byte.
class Generator {
 public:
  struct Event {
    EventFacts facts;
    std::string text;
  };
  using Wanted = std::function<bool(const EventFacts&)>;

  /// `world` must outlive this object; its extensions and queues change with the events.
  Generator(World& world, std::uint64_t seed, Dialect dialect);

  /// The next event that somebody wants; nothing if a while went by without one. `now` in UNIX seconds.
  std::optional<Event> next(std::int64_t now, const Wanted& wanted);

 private:
  enum class Phase : std::uint8_t { started, ringing, talking };

  struct ActiveCall {
    event_text::Call call;
    Phase phase = Phase::started;
    std::size_t tenant = 0;
    std::optional<std::size_t> caller;  ///< extension, where it is one
    std::optional<std::size_t> callee;  ///< extension that rings or talks
    std::optional<std::size_t> queue;
    std::size_t agent = 0;  ///< of the queue, once it rings
  };

  void step();
  void start_call();
  void enter_queue(ActiveCall& active);
  void advance(std::size_t index);
  bool choose_callee(ActiveCall& active);
  void ring(ActiveCall& active);
  void answer(ActiveCall& active);
  void end(std::size_t index, std::string_view end_reason);
  void wait_longer(std::size_t index);
  void leave_queue(ActiveCall& active, std::string_view reason);
  void change_agent(ActiveCall& active, std::string_view state);
  void finish_wrap_up();
  void change_presence();
  void change_management();

  void set_call_status(std::size_t tenant, std::optional<std::size_t> extension, std::string_view status);
  /// 16.x names what happens to a call otherwise; 22.x skips these.
  void emit_call_16(std::string_view event_type, const ActiveCall& active);

  template <class Text>
  void emit_call(std::string_view event_type, const ActiveCall& active, Text text);

  /// Writes the event down if this version has it and somebody wants it; `text` is called only then.
  template <class Text>
  void emit(std::string_view event_type, const Tenant& tenant, std::vector<std::string> extensions,
            std::vector<std::string> queues, Text text);

  Tenant& tenant_of(const ActiveCall& active) { return world_.tenants[active.tenant]; }
  std::size_t random(std::size_t below);
  bool chance(unsigned percent) { return random(100) < percent; }
  std::size_t random_tenant();
  std::optional<std::size_t> idle_extension(const Tenant& tenant);
  std::string outside_number();
  std::string random_call_id();
  std::string next_id(const Tenant& tenant);

  World& world_;
  Dialect dialect_;
  std::mt19937_64 random_;
  std::vector<ActiveCall> calls_;
  std::deque<Event> pending_;
  std::uint64_t last_id_ = 0;
  std::uint32_t breached_ = 0;
  std::uint32_t management_step_ = 0;
  std::int64_t now_ = 0;            ///< of the running call of next()
  const Wanted* wanted_ = nullptr;  ///< of the running call of next()
};

}  // namespace pbxbridge::sim
