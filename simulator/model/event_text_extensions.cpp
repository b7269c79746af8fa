#include "simulator/model/event_text.hpp"

#include <fmt/compile.h>

namespace pbxbridge::sim::event_text {

namespace {

std::string management_fields(std::string_view event_type, const Tenant& tenant, const Extension& extension,
                              bool enabled) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"{}","extension_number":"{}","disp_name":"{}","email":"{}@{}","extension_id":"{}",)"
                  R"("tenant_id":"{}","username":"{}","enabled":{})"),
      event_type, extension.number, extension.display_name, extension.username, tenant.domain, extension.id, tenant.id,
      extension.username, enabled);
}

}  // namespace

std::string extension_created(const Tenant& tenant, const Extension& extension) {
  return management_fields("extension_created", tenant, extension, true) +
         fmt::format(FMT_COMPILE(R"(,"department":"{}"}})"), extension.department);
}

std::string extension_updated(const Tenant& tenant, const Extension& extension) {
  return management_fields("extension_updated", tenant, extension, true) + "}";
}

std::string extension_destroyed(const Tenant& tenant, const Extension& extension) {
  return management_fields("extension_destroyed", tenant, extension, false) + "}";
}

std::string extension_status(const Tenant& tenant, const std::vector<const Extension*>& extensions, Time now) {
  std::string status;
  for (const auto* extension : extensions)
    status += fmt::format(
        FMT_COMPILE(R"({}{{"extension":"sip:{}@{}","extension_id":"{}","call_status":"{}","online":{},"presence":"{}",)"
                    R"("presence_note":"{}","push_online":{},"time":"{}"}})"),
        status.empty() ? "" : ",", extension->number, tenant.domain, extension->id, extension->call_status,
        extension->online, extension->presence, extension->presence_note, extension->push_online, unix_seconds(now));
  return fmt::format(FMT_COMPILE(R"({{"event_type":"extension_status","status":[{}],"tenant_id":"{}"}})"), status,
                     tenant.id);
}

std::string extension_call(const Tenant& tenant, const Extension& extension, Time now) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"extension_call","extension":"sip:{}@{}","call_status":"{}","tenant_id":"{}",)"
                  R"("extension_id":"{}","time":"{}"}})"),
      extension.number, tenant.domain, extension.call_status, tenant.id, extension.id, unix_seconds(now));
}

std::string extension_presence(const Tenant& tenant, const Extension& extension, Time now) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"extension_presence","extension":"sip:{}@{}","presence":"{}","presence_note":"{}",)"
                  R"("tenant_id":"{}","extension_id":"{}","time":"{}"}})"),
      extension.number, tenant.domain, extension.presence, extension.presence_note, tenant.id, extension.id,
      unix_seconds(now));
}

std::string extension_agent_status(const Tenant& tenant, const Extension& extension, Time now) {
  std::string status;
  for (const auto* queue : extension.queues)
    status += fmt::format(FMT_COMPILE(R"({}{{"queue_number":"{}","status":"{}"}})"), status.empty() ? "" : ",",
                          queue->number(), queue->agent(extension)->state);
  return fmt::format(
      FMT_COMPILE(
          R"({{"agent_status":[{}],"event_type":"extension_agent_status","extension":"sip:{}@{}","extension_id":"{}",)"
          R"("tenant_id":"{}","time":"{}"}})"),
      status, extension.number, tenant.domain, extension.id, tenant.id, unix_seconds(now));
}

}  // namespace pbxbridge::sim::event_text
