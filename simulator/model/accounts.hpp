#pragma once

#include "simulator/model/plan.hpp"
#include "simulator/model/topic.hpp"
#include "simulator/model/world.hpp"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::sim {

/// `custom` is a user with permissions of its own.
enum class Role : std::uint8_t { system_administrator, tenant_administrator, queue_manager, user, custom };

/// Areas that an account may view. The PBX distinguishes "View Only" from "Full Access", but full access includes
/// viewing and subscribing asks for no more.
enum class Permission : std::uint8_t { system_tenant, users, phone_system, analytics };

struct Account {
  std::string username;
  std::string password;
  std::string access_token;      ///< accepted in place of the password; empty: none
  std::string extension_number;  ///< empty: no extension
  std::string extension_password;
  std::string domain;  ///< the tenant's; empty for a system administrator
  Role role = Role::user;
  std::set<Permission> may_view;
};

/// Permissions of a role where an account names none. The vendor does not list them for its own roles.
std::set<Permission> permissions_of(Role role);

/// State that the simulated PBX starts with.
struct Installation {
  std::vector<TenantPlan> tenants;
  std::vector<Account> accounts;
};

/// The one of builtin_installation.cpp. Every password is `secret`.
Installation default_installation();

/// Reads `tenants` and `users` from a YAML file; without `tenants` the default ones exist. Throws std::runtime_error
/// with file, line and column.
Installation load_installation(const std::filesystem::path& file);

/// The credentials of an auth message; what it did not say is empty.
struct Credentials {
  std::string username;
  std::string extension_number;
  std::string tenant_name;  ///< 16.x: signs in the administrator of that tenant, or the administrator of that name
  std::string domain;
  std::string password;
  std::string access_token;
};

/// Returns whether the names that were said are the account's.
bool is_of(const Account& account, const Credentials& credentials);

/// Null where no account has these credentials. A token says whose it is, and stands in place of the password. The
/// account lives as long as `installation`.
const Account* authenticate(const Installation& installation, const Credentials& credentials);

/// Empty where the account may subscribe to the topic with these selected elements, otherwise why not. The vendor shows
/// each topic that has a selector with it only. Without it a tenant's user has all extensions or queues that it may
/// have, while a system administrator must name the tenants. Version 16.x documents no permissions: its
/// topics are open, but trunks are for tenants, and queues for those whom 22.x would let have them.
std::string rejection(const Account& account, const Topic& topic, const std::set<std::string>& selected,
                      const World& world, Dialect dialect);

}  // namespace pbxbridge::sim
