#pragma once

#include "simulator/model/model_time.hpp"
#include "simulator/model/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

struct Party {
  std::string number;
  std::string address;  ///< SIP URI of an extension; for others the number
  std::string name;
};

/// One place that a call went to: a queue, or a telephone that rang.
struct Target {
  std::string_view call_type;  ///< normal_call, queue_call
  std::string callee;          ///< number
  std::string destination;     ///< SIP address
  Time started{};              ///< the call was offered to it
  std::optional<Time> rang;
  std::optional<Time> answered;
  std::optional<Time> ended;
  std::string_view end_reason;
  int status_code = 0;  ///< SIP status of a target that could not be reached

  std::string_view status() const { return answered ? "answered" : status_code != 0 ? "fail" : "noanswer"; }
};

/// Content of a call record. A target begins when the one before it has ended, or later.
struct CallRecord {
  const Tenant* tenant = nullptr;
  std::string call_id;  ///< the SIP Call-ID
  std::string cdr_id;
  std::string session_id;
  std::string_view direction;  ///< internal, inbound, outbound
  Party caller;
  Party callee;
  std::string caller_domain;
  std::string did;                 ///< the number dialled from outside, for inbound calls
  std::string outbound_caller_id;  ///< the number shown outside, for outbound calls
  std::string trunk;
  Time started{};
  std::vector<Target> targets;
  std::optional<Time> ended;
  std::string_view end_reason;

  /// A queue answers at once, so a call that waits in one is answered.
  std::optional<Time> answered() const {
    for (const auto& target : targets)
      if (target.answered) return target.answered;
    return std::nullopt;
  }
  std::optional<Time> rang() const {
    for (const auto& target : targets)
      if (target.rang) return target.rang;
    return std::nullopt;
  }
  /// Status in the words of a target's: `fail` where nobody answered and the last target could not be reached.
  std::string_view status() const {
    return answered() ? "answered" : targets.empty() ? "noanswer" : targets.back().status();
  }
  int status_code() const { return answered() || targets.empty() ? 0 : targets.back().status_code; }
};

/// A call that goes on.
struct Call : CallRecord {
  /// A planned call is one that nobody knows of but the queue: a call-back.
  enum class Phase : std::uint8_t { planned, started, waiting, ringing, talking };

  std::uint64_t serial = 0;
  Phase phase = Phase::planned;
  std::uint64_t step = 0;                 ///< counts its phases: what was planned in an earlier one is void
  Extension* caller_extension = nullptr;  ///< null: outside
  Extension* callee_extension = nullptr;  ///< that rings or talks; null: none, or outside
  Queue* queue = nullptr;                 ///< in which it waits, or for which an agent rings or talks
  bool on_hold = false;

  /// The queue calls somebody outside, who has waited in it before.
  bool is_call_back() const { return queue != nullptr && direction == "outbound"; }
};

}  // namespace pbxbridge::sim
