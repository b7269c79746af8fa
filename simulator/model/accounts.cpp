#include "simulator/model/accounts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::sim {

namespace {

/// "PERMISSION: View Only" for what a topic asks for; any one of them will do.
struct Need {
  std::vector<Permission> any_of;
  std::string_view text;
};

Need need(const Topic& topic) {
  if (topic.global) return {{Permission::system_tenant}, "System Tenant: View Only"};
  switch (topic.family) {
    case Family::extension_management:
      return {{Permission::users}, "User: View Only"};
    case Family::extension:
      return {{Permission::users, Permission::phone_system}, "Users: View Only or PhoneSystem: View Only"};
    default:
      return {{Permission::analytics}, "Analytics: View Only"};
  }
}

bool is_plain_user(const Account& account) { return account.role == Role::user || account.role == Role::custom; }

std::string rejection_by_role(const Account& account, const Topic& topic) {
  const bool system_administrator = account.role == Role::system_administrator;
  if (topic.global && !system_administrator) return fmt::format("{} is for system administrators only", topic.name);
  if (!topic.global && system_administrator) return fmt::format("{} is for tenant users only", topic.name);
  if (topic.family == Family::queue_management && is_plain_user(account))
    return fmt::format("{} is for tenant administrators and queue managers only", topic.name);
  return {};
}

/// Empty where the element exists and the account may select it.
std::string rejection_of_element(const Account& account, const Topic& topic, const std::string& element,
                                 const World& world) {
  if (topic.selector == Selector::tenants)
    return world.tenant_of_id(element) == nullptr ? fmt::format("tenant {} does not exist", element) : "";
  const auto* tenant = world.tenant_of_domain(account.domain);
  if (topic.selector == Selector::extensions)
    return tenant->extension(element) == nullptr ? fmt::format("extension {} does not exist", element) : "";
  if (tenant->queue(element) == nullptr) return fmt::format("queue {} does not exist", element);
  if (is_plain_user(account) && !serves(*tenant, account.extension_number, element))
    return fmt::format("permission denied: extension {} is neither agent nor manager of queue {}",
                       account.extension_number, element);
  return {};
}

std::string rejection_by_selector(const Account& account, const Topic& topic, const std::set<std::string>& selected,
                                  const World& world) {
  if (selected.empty() && topic.selector == Selector::tenants) return "tenants is missing";
  if (selected.empty() && topic.selector == Selector::queues && is_plain_user(account))
    return "queues is missing: an extension must name the queues it is an agent or manager of";
  for (const auto& element : selected)
    if (auto rejected = rejection_of_element(account, topic, element, world); !rejected.empty()) return rejected;
  return {};
}

bool has_password(const Credentials& credentials, const std::string& password) {
  return !credentials.password.empty() && credentials.password == password;
}

const Account* account_of_token(const Installation& installation, const Credentials& credentials) {
  const auto account = std::ranges::find_if(installation.accounts, [&](const Account& each) {
    return each.access_token == credentials.access_token && is_of(each, credentials);
  });
  return account != installation.accounts.end() ? &*account : nullptr;
}

}  // namespace

std::set<Permission> permissions_of(Role role) {
  switch (role) {
    case Role::system_administrator:
      return {Permission::system_tenant};
    case Role::tenant_administrator:
      return {Permission::users, Permission::phone_system, Permission::analytics};
    case Role::queue_manager:
      return {Permission::users, Permission::analytics};
    case Role::user:
    case Role::custom:
      break;
  }
  return {};
}

bool is_of(const Account& account, const Credentials& credentials) {
  const auto fits = [](const std::string& given, const std::string& own) { return given.empty() || given == own; };
  return fits(credentials.username, account.username) && fits(credentials.extension_number, account.extension_number) &&
         fits(credentials.domain, account.domain);
}

const Account* authenticate(const Installation& installation, const Credentials& credentials) {
  if (!credentials.access_token.empty()) return account_of_token(installation, credentials);
  const auto tenant_name = [&](const Account& account) {
    const auto tenant = std::ranges::find(installation.tenants, account.domain, &TenantPlan::domain);
    return tenant == installation.tenants.end() ? std::string_view() : std::string_view(tenant->name);
  };
  for (const auto& account : installation.accounts) {
    if (!credentials.tenant_name.empty()) {
      const bool named = account.username == credentials.tenant_name || tenant_name(account) == credentials.tenant_name;
      if (account.role == Role::tenant_administrator && named && has_password(credentials, account.password))
        return &account;
    } else if (account.domain != credentials.domain) {
      continue;
    } else if (!credentials.extension_number.empty()) {
      if (account.extension_number == credentials.extension_number &&
          has_password(credentials, account.extension_password))
        return &account;
    } else if (!credentials.username.empty() && account.username == credentials.username &&
               has_password(credentials, account.password)) {
      return &account;
    }
  }
  return nullptr;
}

std::string rejection(const Account& account, const Topic& topic, const std::set<std::string>& selected,
                      const World& world, Dialect dialect) {
  if (dialect == Dialect::v16) {
    if (topic.family == Family::trunk && account.role != Role::tenant_administrator)
      return "trunk_events is for tenants only";
    return rejection_by_selector(account, topic, selected, world);
  }
  if (auto by_role = rejection_by_role(account, topic); !by_role.empty()) return by_role;
  const auto needed = need(topic);
  if (std::ranges::none_of(needed.any_of, [&](Permission one) { return account.may_view.contains(one); }))
    return fmt::format("permission denied: {} needs {}", topic.name, needed.text);
  return rejection_by_selector(account, topic, selected, world);
}

}  // namespace pbxbridge::sim
