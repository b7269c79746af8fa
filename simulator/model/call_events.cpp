#include "simulator/model/call_events.hpp"

#include "simulator/model/event_text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::sim {

namespace {

struct Names {
  std::string_view in_22;
  std::string_view in_16;
};

/// Names by TargetStep.
constexpr std::array<Names, 6> target_steps{{{"cdr_target_add", "target_add"},
                                             {"cdr_target_ringing", "target_ringing"},
                                             {"cdr_target_answer", "call_established"},
                                             {"cdr_target_noanswer", "target_noanswer"},
                                             {"cdr_target_fail", "target_fail"},
                                             {"cdr_target_end", "target_ended"}}};

std::string_view end_in_16(const Call& call) {
  const auto status = call.status();
  if (status == "answered") return "call_ended";
  return status == "fail" ? "call_fail" : "call_noanswer";
}

}  // namespace

void CallEvents::started(const Call& call) { announce("call_start", call, event_text::call_head); }

void CallEvents::target(const Call& call, TargetStep step) {
  const auto& names = target_steps[static_cast<std::size_t>(step)];
  announce(names.in_22, call, event_text::cdr_target);
  announce(names.in_16, call, event_text::target_16, &call.targets.back());
}

void CallEvents::transferred(const Call& call) {
  announce("call_update_info", call, event_text::call_update_info);
  redirected(call);
}

void CallEvents::redirected(const Call& call) { announce("call_reroute", call, event_text::call_head); }

void CallEvents::held(const Call& call) {
  announce(call.on_hold ? "call_hold" : "call_unhold", call, event_text::call_head);
}

void CallEvents::ended(const Call& call) {
  announce(end_in_16(call), call, event_text::call_head);
  announce("call_cdr", call, event_text::call_cdr);
}

/// Version 22.x selects no call by its extensions, and 16.x by those that the event names.
void CallEvents::announce(std::string_view event_type, const Call& call, Text text, const Target* target) {
  std::vector<std::string> extensions;
  if (context_.announcer.dialect() == Dialect::v16) {
    extensions = {call.caller.number, call.callee.number};
    if (target != nullptr) extensions.push_back(target->callee);
  }
  context_.announcer.announce(event_type, *call.tenant, std::move(extensions), {},
                              [&] { return text(event_type, call, context_.now); });
}

}  // namespace pbxbridge::sim
