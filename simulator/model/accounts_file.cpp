#include "simulator/model/accounts.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string_view>

namespace pbxbridge::sim {

namespace {

const std::map<std::string, Role, std::less<>> role_names{{"system_administrator", Role::system_administrator},
                                                          {"tenant_administrator", Role::tenant_administrator},
                                                          {"queue_manager", Role::queue_manager},
                                                          {"user", Role::user}};

const std::map<std::string, Permission, std::less<>> permission_names{{"system_tenant", Permission::system_tenant},
                                                                      {"users", Permission::users},
                                                                      {"phone_system", Permission::phone_system},
                                                                      {"analytics", Permission::analytics}};

/// Reads one file and knows its name for the error messages.
class InstallationFile {
 public:
  explicit InstallationFile(const std::filesystem::path& file) : file_(file) {}

  Installation read() const {
    const YAML::Node root = parse();
    check_keys(root, {"tenants", "users"});
    Installation installation;
    if (const auto tenants = root["tenants"]; tenants)
      for (const auto& node : tenants) installation.tenants.push_back(tenant(node));
    else
      installation.tenants = default_installation().tenants;
    if (!root["users"] || !root["users"].IsSequence()) fail(root, "`users` must be a list");
    for (const auto& node : root["users"]) installation.accounts.push_back(account(node, installation));
    return installation;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& text) const { fail(node.Mark(), text); }

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& text) const {
    throw std::runtime_error(fmt::format("{}:{}:{}: error: {}", file_.string(), mark.line + 1, mark.column + 1, text));
  }

  YAML::Node parse() const {
    try {
      return YAML::LoadFile(file_.string());
    } catch (const YAML::BadFile&) {
      throw std::runtime_error(fmt::format("{}: error: cannot be read", file_.string()));
    } catch (const YAML::ParserException& error) {
      fail(error.mark, error.msg);
    }
  }

  void check_keys(const YAML::Node& node, std::initializer_list<std::string_view> known) const {
    if (!node.IsMap()) fail(node, "must be a map");
    for (const auto& entry : node)
      if (const auto key = entry.first.Scalar(); std::ranges::find(known, key) == known.end())
        fail(entry.first, fmt::format("unknown key `{}`", key));
  }

  std::string text(const YAML::Node& node, const char* key) const {
    const auto value = node[key];
    if (!value) return {};
    if (!value.IsScalar()) fail(value, fmt::format("`{}` must be a text", key));
    return value.Scalar();
  }

  std::string required(const YAML::Node& node, const char* key) const {
    auto value = text(node, key);
    if (value.empty()) fail(node, fmt::format("`{}` is missing", key));
    return value;
  }

  /// Names go into events as they are, so they hold nothing that JSON would have to escape.
  std::string name(const YAML::Node& node, const char* key) const {
    auto value = required(node, key);
    if (value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != value.npos)
      fail(node[key], fmt::format("`{}` may hold letters, digits, `.`, `-` and `_` only", key));
    return value;
  }

  std::uint32_t count(const YAML::Node& node, const char* key, std::uint32_t otherwise, std::uint32_t lowest,
                      std::uint32_t highest) const {
    const auto value = node[key];
    if (!value) return otherwise;
    std::uint32_t number = 0;
    if (!YAML::convert<std::uint32_t>::decode(value, number) || number < lowest || number > highest)
      fail(value, fmt::format("`{}` must be a number from {} to {}", key, lowest, highest));
    return number;
  }

  TenantPlan tenant(const YAML::Node& node) const {
    check_keys(node, {"name", "domain", "extensions", "queues"});
    TenantPlan plan;
    plan.name = name(node, "name");
    plan.domain = name(node, "domain");
    plan.extensions = count(node, "extensions", plan.extensions, 2, max_extensions);
    plan.queues = count(node, "queues", plan.queues, 1, max_queues);
    return plan;
  }

  Account account(const YAML::Node& node, const Installation& installation) const {
    check_keys(node, {"username", "password", "access_token", "extension_number", "extension_password", "domain",
                      "role", "permissions"});
    Account account;
    account.username = required(node, "username");
    account.password = required(node, "password");
    account.access_token = text(node, "access_token");
    account.extension_number = text(node, "extension_number");
    account.extension_password = text(node, "extension_password");
    if (account.extension_password.empty()) account.extension_password = account.password;
    account.domain = text(node, "domain");
    if (node["role"]) account.role = one_of(node["role"], role_names);
    const bool without_domain = account.role == Role::system_administrator;
    if (without_domain != account.domain.empty())
      fail(node, without_domain ? "a system administrator has no `domain`" : "`domain` is missing");
    if (!without_domain &&
        std::ranges::find(installation.tenants, account.domain, &TenantPlan::domain) == installation.tenants.end())
      fail(node["domain"], fmt::format("no tenant has the domain `{}`", account.domain));
    account.may_view = permissions(node["permissions"]);
    return account;
  }

  std::set<Permission> permissions(const YAML::Node& node) const {
    std::set<Permission> result;
    if (!node) return result;
    if (!node.IsMap()) fail(node, "`permissions` must be a map of `view_only` and `full_access`");
    for (const auto& entry : node) {
      const auto permission = one_of(entry.first, permission_names);
      const auto level = entry.second.IsScalar() ? entry.second.Scalar() : std::string();
      if (level != "view_only" && level != "full_access") fail(entry.second, "must be `view_only` or `full_access`");
      result.insert(permission);
    }
    return result;
  }

  template <class Value>
  Value one_of(const YAML::Node& node, const std::map<std::string, Value, std::less<>>& names) const {
    const auto found = names.find(node.IsScalar() ? node.Scalar() : std::string());
    if (found != names.end()) return found->second;
    std::string known;
    for (const auto& [name, value] : names) known += (known.empty() ? "" : ", ") + name;
    fail(node, "must be one of " + known);
  }

  std::filesystem::path file_;
};

}  // namespace

Installation load_installation(const std::filesystem::path& file) { return InstallationFile(file).read(); }

}  // namespace pbxbridge::sim
