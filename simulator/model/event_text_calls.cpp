#include "simulator/model/event_text.hpp"

#include <fmt/compile.h>

namespace pbxbridge::sim::event_text {

namespace {

/// Without the end of the object.
std::string open_head(std::string_view event_type, const CallRecord& call, Time now) {
  return fmt::format(
      FMT_COMPILE(
          R"({{"event_type":"{}","call_id":"{}","callee":"{}","callee_display_name":"{}","caller":"{}",)"
          R"("caller_display_name":"{}","cdr_id":"{}","direction":"{}","session_id":"{}","tenant_id":"{}","time":"{}",)"
          R"("user_data":"","did":"{}","outbound_caller_id":"{}")"),
      event_type, call.call_id, call.callee.address, call.callee.name, call.caller.address, call.caller.name,
      call.cdr_id, call.direction, call.session_id, call.tenant->id, unix_seconds(now), call.did,
      call.outbound_caller_id);
}

/// 0 where it did not happen.
std::int64_t seconds_or_none(std::optional<Time> time) { return time ? unix_seconds(*time) : 0; }

std::int64_t duration(std::optional<Time> from, Time until) { return from ? seconds_between(*from, until) : 0; }

std::string target_object(const CallRecord& call, const Target& target) {
  const auto ended = target.ended.value_or(*call.ended);
  return fmt::format(
      FMT_COMPILE(R"({{"answered_time":"{}","call_type":"{}","callee":"{}","caller":"{}","destination":"{}","did":"",)"
                  R"("end_reason":"{}","ended_time":"{}","id":"{}","outbound_caller_id":"{}","ring_duration":"{}",)"
                  R"("ring_time":"{}","start_time":"{}","status":"{}","status_code":{},)"
                  R"("talk_duration":"{}","trunk_name":"{}"}})"),
      seconds_or_none(target.answered), target.call_type, target.callee, call.caller.number, target.destination,
      target.end_reason, unix_seconds(ended), call.cdr_id, call.outbound_caller_id,
      duration(target.rang, target.answered.value_or(ended)), seconds_or_none(target.rang),
      unix_seconds(target.started), target.status(), target.status_code, duration(target.answered, ended), call.trunk);
}

}  // namespace

std::string call_head(std::string_view event_type, const CallRecord& call, Time now) {
  return open_head(event_type, call, now) + "}";
}

std::string target_16(std::string_view event_type, const CallRecord& call, Time now) {
  return open_head(event_type, call, now) +
         fmt::format(FMT_COMPILE(R"(,"destination":"{}"}})"), call.targets.back().destination);
}

std::string call_update_info(std::string_view event_type, const CallRecord& call, Time now) {
  return fmt::format(
      FMT_COMPILE(
          R"({{"event_type":"{}","callee":"{}","callee_display_name":"{}","caller":"{}",)"
          R"("caller_display_name":"{}","cdr_id":"{}","direction":"{}","session_id":"{}","tenant_id":"{}","time":"{}",)"
          R"("did":"{}","outbound_caller_id":"{}"}})"),
      event_type, call.callee.address, call.callee.name, call.caller.address, call.caller.name, call.cdr_id,
      call.direction, call.session_id, call.tenant->id, unix_seconds(now), call.did, call.outbound_caller_id);
}

std::string cdr_target(std::string_view event_type, const CallRecord& call, Time now) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"{}","time":"{}","session_id":"{}","cdr_id":"{}","tenant_id":"{}",)"
                  R"("direction":"{}","destination":"{}","caller":"{}","did":"{}","outbound_caller_id":"{}"}})"),
      event_type, unix_seconds(now), call.session_id, call.cdr_id, call.tenant->id, call.direction,
      call.targets.back().destination, call.caller.address, call.did, call.outbound_caller_id);
}

std::string call_cdr(std::string_view event_type, const CallRecord& call, Time now) {
  std::string targets;
  for (const auto& target : call.targets) targets += (targets.empty() ? "" : ",") + target_object(call, target);
  const auto answered = call.answered();
  const auto rang = call.rang();
  return fmt::format(
      FMT_COMPILE(
          R"({{"answered_time":"{}","call_id":"{}","call_status":"{}","call_targets":[{}],"callee":"{}",)"
          R"("callee_domain":"{}","caller":"{}","caller_display_name":"{}","caller_domain":"{}","did":"{}",)"
          R"("direction":"{}","ended_reason":"{}","ended_time":"{}","event_type":"{}","outbound_caller_id":"{}",)"
          R"("ring_duration":"{}","ring_time":"{}","session_id":"{}","start_time":"{}","status_code":"{}",)"
          R"("talk_duration":{},"tenant_id":"{}","tenant_name":"{}","trunk_name":"{}","user_data":""}})"),
      seconds_or_none(answered), call.call_id, call.status(), targets, call.callee.number, call.tenant->domain,
      call.caller.number, call.caller.name, call.caller_domain, call.did, call.direction, call.end_reason,
      unix_seconds(now), event_type, call.outbound_caller_id, duration(rang, answered.value_or(now)),
      seconds_or_none(rang), call.session_id, unix_seconds(call.started), call.status_code(), duration(answered, now),
      call.tenant->id, call.tenant->name, call.trunk);
}

}  // namespace pbxbridge::sim::event_text
