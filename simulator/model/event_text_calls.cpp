#include "simulator/model/event_text.hpp"

#include <fmt/format.h>

namespace pbxbridge::sim::event_text {

namespace {

/// Call records name the parties by number, the other call events by SIP URI.
std::string_view number_of(std::string_view party) {
  if (party.starts_with("sip:")) party.remove_prefix(4);
  return party.substr(0, party.find('@'));
}

std::string call_head(std::string_view event_type, const Tenant& tenant, const Call& call, std::int64_t now) {
  return fmt::format(
      R"({{"event_type":"{}","call_id":"{}","callee":"{}","callee_display_name":"{}","caller":"{}",)"
      R"("caller_display_name":"{}","cdr_id":"{}","direction":"{}","session_id":"{}","tenant_id":"{}","time":"{}",)"
      R"("user_data":"","did":"{}","outbound_caller_id":""}})",
      event_type, call.call_id, call.callee, call.callee_name, call.caller, call.caller_name, call.cdr_id,
      call.direction, call.session_id, tenant.id, now, call.did);
}

struct TargetTimes {
  std::int64_t rang;
  std::int64_t answered;  ///< 0: not answered
  std::int64_t ended;
};

std::string target(const Call& call, std::string_view call_type, std::string_view callee, std::string_view destination,
                   std::string_view end_reason, const TargetTimes& times) {
  const bool answered = times.answered != 0;
  return fmt::format(
      R"({{"answered_time":"{}","call_type":"{}","callee":"{}","caller":"{}","destination":"{}","did":"",)"
      R"("end_reason":"{}","ended_time":"{}","id":"{}","outbound_caller_id":"","ring_duration":"{}","ring_time":"{}",)"
      R"("start_time":"{}","status":"{}","status_code":0,"talk_duration":"{}","trunk_name":"{}"}})",
      times.answered, call_type, callee, number_of(call.caller), destination, end_reason, times.ended, call.cdr_id,
      (answered ? times.answered : times.ended) - times.rang, times.rang, times.rang,
      answered ? "answered" : "noanswer", answered ? times.ended - times.answered : 0, call.trunk);
}

std::string targets(const Tenant& tenant, const Call& call) {
  std::string result;
  if (!call.queue_number.empty())
    result = target(call, "normal_call", call.queue_number, fmt::format("sip:{}@{}", call.queue_number, tenant.domain),
                    "referred", {call.started, call.started, call.rang}) +
             ",";
  return result + target(call, call.queue_number.empty() ? "normal_call" : "queue_call", number_of(call.destination),
                         call.destination, call.end_reason, {call.rang, call.answered, call.ended});
}

}  // namespace

std::string call_start(const Tenant& tenant, const Call& call, std::int64_t now) {
  return call_head("call_start", tenant, call, now);
}

std::string call_event_16(std::string_view event_type, const Tenant& tenant, const Call& call, std::int64_t now) {
  return call_head(event_type, tenant, call, now);
}

std::string call_update_info(const Tenant& tenant, const Call& call, std::int64_t now) {
  return fmt::format(
      R"({{"event_type":"call_update_info","callee":"{}","callee_display_name":"{}","caller":"{}",)"
      R"("caller_display_name":"{}","cdr_id":"{}","direction":"{}","session_id":"{}","tenant_id":"{}","time":"{}",)"
      R"("did":"{}","outbound_caller_id":""}})",
      call.callee, call.callee_name, call.caller, call.caller_name, call.cdr_id, call.direction, call.session_id,
      tenant.id, now, call.did);
}

std::string cdr_target_ringing(const Tenant& tenant, const Call& call, std::int64_t now) {
  return fmt::format(
      R"({{"event_type":"cdr_target_ringing","time":"{}","session_id":"{}","cdr_id":"{}","tenant_id":"{}",)"
      R"("direction":"{}","destination":"{}","caller":"{}","did":"{}","outbound_caller_id":""}})",
      now, call.session_id, call.cdr_id, tenant.id, call.direction, call.destination, call.caller, call.did);
}

std::string call_cdr(const Tenant& tenant, const Call& call) {
  const bool answered = call.answered != 0;
  return fmt::format(
      R"({{"answered_time":"{}","call_id":"{}","call_status":"{}","call_targets":[{}],"callee":"{}",)"
      R"("callee_domain":"{}","caller":"{}","caller_display_name":"{}","caller_domain":"{}","did":"{}",)"
      R"("direction":"{}","ended_reason":"{}","ended_time":"{}","event_type":"call_cdr","outbound_caller_id":"",)"
      R"("ring_duration":"{}","ring_time":"{}","session_id":"{}","start_time":"{}","status_code":"0",)"
      R"("talk_duration":{},"tenant_id":"{}","tenant_name":"{}","trunk_name":"{}","user_data":""}})",
      call.answered, call.call_id, answered ? "answered" : "noanswer", targets(tenant, call), number_of(call.callee),
      tenant.domain, number_of(call.caller), call.caller_name,
      call.direction == "inbound" ? "192.0.2.10" : tenant.domain, call.did, call.direction, call.end_reason, call.ended,
      (answered ? call.answered : call.ended) - call.rang, call.rang, call.session_id, call.started,
      answered ? call.ended - call.answered : 0, tenant.id, tenant.name, call.trunk);
}

}  // namespace pbxbridge::sim::event_text
