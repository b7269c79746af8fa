#include "simulator/rest/resources.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace pbxbridge::sim::resource {

namespace {

using nlohmann::json;

constexpr std::uint64_t first_id_without_extension = 950'001;

/// RFC 3339 with milliseconds; empty where it did not happen.
std::string rfc_3339(std::optional<Time> time) {
  if (!time) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (*time - seconds).count());
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::system_administrator:
      return "SystemAdmin";
    case Role::tenant_administrator:
      return "Admin";
    case Role::queue_manager:
      return "QueueManager";
    case Role::user:
      return "StandardUser";
    case Role::custom:
      break;
  }
  return "Custom";
}

std::string_view direction_name(std::string_view direction) {
  if (direction == "inbound") return "INBOUND_CALL";
  if (direction == "outbound") return "OUTBOUND_CALL";
  return direction == "internal" ? "EXTENSION_CALL" : "INBOUND_OUTBOUND_CALL";
}

std::string_view state_name(Call::Phase phase) {
  switch (phase) {
    case Call::Phase::planned:
    case Call::Phase::started:
      return "STARTED";
    case Call::Phase::waiting:
      return "WAITING";
    case Call::Phase::ringing:
      return "RINGING";
    case Call::Phase::talking:
      break;
  }
  return "TALKING";
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

json user(const std::string& id, const std::string& username, const std::string& domain) {
  return {{"id", id},
          {"name", username},
          {"extension_number", ""},
          {"display_name", ""},
          {"role", "StandardUser"},
          {"enabled", true},
          {"department", ""},
          {"email", username + "@" + domain}};
}

}  // namespace

json tenant(const Tenant& of) { return {{"id", of.id}, {"name", of.name}, {"domain", of.domain}, {"enabled", true}}; }

std::vector<json> users(const Tenant& of, const Installation& installation) {
  std::vector<json> result;
  for (const auto& extension : of.extensions) {
    auto object = user(extension->id, extension->username, of.domain);
    object["extension_number"] = extension->number;
    object["display_name"] = extension->display_name;
    object["department"] = extension->department;
    result.push_back(std::move(object));
  }
  auto id = of.id_base + first_id_without_extension;
  for (const auto& account : installation.accounts) {
    if (account.domain != of.domain) continue;
    const auto own = std::ranges::find_if(result, [&](const json& each) {
      return !account.extension_number.empty() && each["extension_number"] == account.extension_number;
    });
    auto& object = own != result.end() ? *own : result.emplace_back(user(std::to_string(id++), "", of.domain));
    object["name"] = account.username;
    object["email"] = account.username + "@" + of.domain;
    object["role"] = role_name(account.role);
  }
  return result;
}

json call_queue(const Queue& queue) {
  std::vector<std::string> managers;
  for (const auto* manager : queue.managers) managers.push_back(manager->number);
  return {{"id", queue.id},
          {"name", queue.plan.name},
          {"extension_number", queue.number()},
          {"sla_time", queue.plan.service_level.count()},
          {"max_wait_time", queue.plan.longest_wait.count()},
          {"wrap_up_time", queue.plan.wrap_up.count()},
          {"max_callers", queue.plan.capacity},
          {"managers", managers}};
}

json queue_status(const Queue& queue) {
  return {{"id", queue.id},
          {"extension_number", queue.number()},
          {"name", queue.plan.name},
          {"waiting_callers", queue.waiting.size()},
          {"total_callers_breached", queue.totals.sla_breached},
          {"agents", agents(queue)},
          {"waiting_list", waiting(queue)}};
}

std::vector<json> waiting(const Queue& queue) {
  std::vector<json> result;
  for (const auto& caller : queue.waiting)
    result.push_back({{"position", result.size() + 1},
                      {"session_id", caller.session_id},
                      {"caller_number", caller.number},
                      {"caller_name", caller.name},
                      {"type", caller.type},
                      {"since", rfc_3339(caller.since)}});
  return result;
}

std::vector<json> agents(const Queue& queue) {
  std::vector<json> result;
  for (const auto& agent : queue.agents)
    result.push_back({{"agent_extension_number", agent.extension->number},
                      {"state", agent.state},
                      {"session_id", agent.session_id},
                      {"caller_number", agent.caller_number},
                      {"caller_name", agent.caller_name},
                      {"since", rfc_3339(agent.since)}});
  return result;
}

json session(const Call& call) {
  return {{"id", call.session_id},
          {"call_id", call.call_id},
          {"cdr_id", call.cdr_id},
          {"tenant_id", call.tenant->id},
          {"caller", call.caller.number},
          {"callee", call.callee.number},
          {"direction", direction_name(call.direction)},
          {"state", state_name(call.phase)},
          {"destination", call.callee_extension == nullptr ? "" : call.callee_extension->number},
          {"call_queue", call.queue == nullptr ? "" : call.queue->number()},
          {"started_at", rfc_3339(call.started)},
          {"answered_at", rfc_3339(call.answered())},
          {"on_hold", call.on_hold}};
}

json call_record(const CallRecord& record) {
  const auto answered = record.answered();
  return {{"id", record.cdr_id},
          {"session_id", record.session_id},
          {"call_id", record.call_id},
          {"caller", record.caller.number},
          {"caller_domain", record.caller_domain},
          {"caller_display_name", record.caller.name},
          {"callee", record.callee.number},
          {"callee_domain", record.tenant->domain},
          {"callee_display_name", record.callee.name},
          {"started_at", rfc_3339(record.started)},
          {"rang_at", rfc_3339(record.rang())},
          {"answered_at", rfc_3339(answered)},
          {"ended_at", rfc_3339(record.ended)},
          {"direction", direction_name(record.direction)},
          {"end_reason", upper_case(record.end_reason)},
          {"status_code", record.status_code()},
          {"destination", record.targets.empty() ? "" : record.targets.back().destination},
          {"outbound_caller_id", record.outbound_caller_id},
          {"did_cid", record.did},
          {"trunk", record.trunk},
          {"duration", answered ? seconds_between(*answered, *record.ended) : 0},
          {"user_data", ""}};
}

}  // namespace pbxbridge::sim::resource
