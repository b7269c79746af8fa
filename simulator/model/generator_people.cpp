#include "simulator/model/generator_emit.hpp"

#include <fmt/format.h>

#include <array>

namespace pbxbridge::sim {

namespace {

struct PresenceChange {
  std::string_view presence;
  std::string_view note;
};

constexpr std::array presence_changes{PresenceChange{"ONLINE", ""}, PresenceChange{"LUNCH", "back at one"},
                                      PresenceChange{"BUSINESS_TRIP", "in the north"},
                                      PresenceChange{"DO_NOT_DISTURB", "deep work"},
                                      PresenceChange{"AWAY", "back at two"}};

constexpr std::uint32_t first_new_extension = 10'000;
constexpr std::uint32_t first_new_queue = 20'000;
constexpr std::uint32_t management_kinds = 6;

}  // namespace

void Generator::finish_wrap_up() {
  auto& tenant = world_.tenants[random_tenant()];
  if (tenant.queues.empty()) return;
  auto& queue = tenant.queues[random(tenant.queues.size())];
  for (auto& agent : queue.agents) {
    if (agent.state != "WRAP_UP") continue;
    agent = Agent{agent.extension, "READY", "", "", "", now_};
    emit("queue_agent_status", tenant, {}, {queue.number},
         [&] { return event_text::queue_agent_status(tenant, queue, agent); });
    emit("extension_agent_status", tenant, {tenant.extensions[agent.extension].number}, {},
         [&] { return event_text::extension_agent_status(tenant, agent.extension, now_); });
  }
}

void Generator::change_presence() {
  auto& tenant = world_.tenants[random_tenant()];
  auto& extension = tenant.extensions[random(tenant.extensions.size())];
  const auto& change = presence_changes[random(presence_changes.size())];
  extension.presence = change.presence;
  extension.presence_note = change.note;
  emit("extension_presence", tenant, {extension.number}, {},
       [&] { return event_text::extension_presence(tenant, extension, now_); });
  if (!chance(20)) return;
  extension.online = !extension.online;
  extension.push_online = !extension.online;
  emit("extension_status", tenant, {extension.number}, {},
       [&] { return event_text::extension_status(tenant, {&extension}, now_); });
  emit("extension_register", tenant, {extension.number}, {},
       [&] { return event_text::extension_register_16(tenant, extension, now_); });
}

void Generator::change_management() {
  const auto& tenant = world_.tenants[random_tenant()];
  const auto round = management_step_ / management_kinds % 1000;
  Extension extension;
  extension.number = std::to_string(first_new_extension + round);
  extension.id = std::to_string(tenant.id_base + first_new_extension + round);
  extension.display_name = "New Colleague";
  extension.username = "user" + extension.number;
  extension.department = "Sales";
  const auto queue = std::to_string(first_new_queue + round);
  switch (management_step_++ % management_kinds) {
    case 0:
      return emit("extension_created", tenant, {extension.number}, {},
                  [&] { return event_text::extension_created(tenant, extension); });
    case 1:
      return emit("extension_updated", tenant, {extension.number}, {},
                  [&] { return event_text::extension_updated(tenant, extension); });
    case 2:
      return emit("extension_destroyed", tenant, {extension.number}, {},
                  [&] { return event_text::extension_destroyed(tenant, extension); });
    case 3:
      return emit("queue_created", tenant, {}, {queue}, [&] { return event_text::queue_created(tenant, queue); });
    case 4:
      return emit("queue_updated", tenant, {}, {queue}, [&] { return event_text::queue_updated(tenant, queue); });
    default:
      return emit("queue_destroy", tenant, {}, {queue}, [&] { return event_text::queue_destroy(tenant, queue); });
  }
}

void Generator::set_call_status(std::size_t tenant_index, std::optional<std::size_t> extension_index,
                                std::string_view status) {
  if (!extension_index) return;
  const auto& tenant = world_.tenants[tenant_index];
  auto& extension = world_.tenants[tenant_index].extensions[*extension_index];
  extension.call_status = status;
  emit("extension_call", tenant, {extension.number}, {},
       [&] { return event_text::extension_call(tenant, extension, now_); });
}

void Generator::emit_call_16(std::string_view event_type, const ActiveCall& active) {
  emit_call(event_type, active, [&](const Tenant& tenant, const event_text::Call& call, std::int64_t now) {
    return event_text::call_event_16(event_type, tenant, call, now);
  });
}

std::size_t Generator::random(std::size_t below) { return random_() % below; }

/// Half of what happens, happens at the first tenant.
std::size_t Generator::random_tenant() { return chance(50) ? 0 : random(world_.tenants.size()); }

std::optional<std::size_t> Generator::idle_extension(const Tenant& tenant) {
  for (int attempt = 0; attempt < 4; ++attempt)
    if (const auto index = random(tenant.extensions.size()); tenant.extensions[index].call_status.empty()) return index;
  return std::nullopt;
}

std::string Generator::outside_number() { return fmt::format("155501{:05}", random(100'000)); }

std::string Generator::random_call_id() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string id(22, '.');
  for (auto& character : id) character = alphabet[random(alphabet.size())];
  return id;
}

std::string Generator::next_id(const Tenant& tenant) { return std::to_string(tenant.id_base + ++last_id_); }

}  // namespace pbxbridge::sim
