#pragma once

#include "derive/state/payload_reader.hpp"
#include "derive/state/step.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::derive::state {

/// A change of one queue, its agents and callers, by one event.
class QueueChange {
 public:
  /// A queue that is not known yet gets a row.
  QueueChange(Step& step, std::string_view id);

  /// False: the queue is a new one, and the table of queues is full.
  bool is_possible() const { return queue_ != nullptr; }
  Step& step() { return step_; }

  void set_number(std::string_view number);
  void set_name(std::string_view name);
  void count_breach() { ++row_.totals.sla_breached; }

  /// Takes an entry of a list of those who wait.
  void put_caller(PayloadReader& caller);
  /// Takes an entry of an event that says what has become of a caller.
  void update_caller(PayloadReader& caller);
  /// All but those that this change has put.
  void remove_other_callers();

  void put_agent(PayloadReader& agent);
  void remove_agent(PayloadReader& agent);
  void remove_other_agents();

  /// Called after all else: changes the queue itself.
  void finish();

 private:
  void put_caller(std::string_view session, bool wants_call_back, Seconds since);
  Naming naming() const { return {pass_, step_.occasion().stretch}; }
  /// No event since the latest gap has named it before.
  bool is_first_naming(const Naming& latest) const { return latest.stretch != step_.occasion().stretch; }
  void note_call(std::string_view session);
  void remove_caller(std::string_view session);
  void remove_agent(std::string_view extension);
  void publish_agent(std::string_view extension);
  void take_number_from_others();

  Step& step_;
  const std::string id_;
  const std::string name_;
  Queue* queue_ = nullptr;
  bool is_new_ = false;
  bool is_renamed_ = false;  // its number or name, which are in the documents of its agents
  std::uint64_t pass_ = 0;   // marks those that this change has put
  QueueRow row_;
  QueueCounts counts_before_;
  Seconds longest_wait_before_ = 0;
};

/// Name of an extension of the step's tenant; empty where it is not known.
std::string_view extension_name(Step& step, std::string_view extension);

}  // namespace pbxbridge::derive::state
