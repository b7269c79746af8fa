#include "simulator/model/scale.hpp"

#include <algorithm>

namespace pbxbridge::sim {

namespace {

void add_tenant(Installation& installation, const Scale& scale) {
  const auto number = static_cast<std::uint32_t>(installation.tenants.size() + 1);
  installation.tenants.push_back(
      made_up_tenant(number, scale.extensions.value_or(default_extensions), scale.queues.value_or(default_queues)));
  Account administrator;
  administrator.username = "bridge";
  administrator.password = "secret";
  administrator.domain = installation.tenants.back().domain;
  administrator.role = Role::tenant_administrator;
  administrator.may_view = permissions_of(administrator.role);
  installation.accounts.push_back(administrator);
}

}  // namespace

void scale(Installation& installation, const Scale& scale) {
  if (!scale.tenants && !scale.extensions && !scale.queues) return;
  auto& tenants = installation.tenants;
  if (scale.tenants && *scale.tenants < tenants.size()) tenants.resize(*scale.tenants);
  for (auto& tenant : tenants) {
    if (scale.extensions) tenant.extensions = made_up_extensions(*scale.extensions);
    const auto queues = scale.queues.value_or(static_cast<std::uint32_t>(tenant.queues.size()));
    tenant.queues = made_up_queues(queues, tenant.extensions);
    tenant.trunks = made_up_trunks(tenant);
  }
  while (scale.tenants && tenants.size() < *scale.tenants) add_tenant(installation, scale);
  std::erase_if(installation.accounts, [&](const Account& account) {
    return !account.domain.empty() && std::ranges::find(tenants, account.domain, &TenantPlan::domain) == tenants.end();
  });
}

}  // namespace pbxbridge::sim
