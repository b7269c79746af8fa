#pragma once

#include "simulator/model/generator.hpp"

#include <utility>

namespace pbxbridge::sim {

template <class Text>
void Generator::emit(std::string_view event_type, const Tenant& tenant, std::vector<std::string> extensions,
                     std::vector<std::string> queues, Text text) {
  const auto family = family_of(event_type, dialect_);
  if (family == Family::unknown) return;
  EventFacts facts{std::string(event_type), family, tenant.id, std::move(extensions), std::move(queues)};
  if ((*wanted_)(facts)) pending_.push_back({std::move(facts), text()});
}

template <class Text>
void Generator::emit_call(std::string_view event_type, const ActiveCall& active, Text text) {
  const auto& tenant = world_.tenants[active.tenant];
  std::vector<std::string> extensions;
  for (const auto& party : {active.caller, active.callee})
    if (party) extensions.push_back(tenant.extensions[*party].number);
  emit(event_type, tenant, std::move(extensions), {}, [&] { return text(tenant, active.call, now_); });
}

}  // namespace pbxbridge::sim
