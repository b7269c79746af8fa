#include "simulator/model/accounts.hpp"
#include "simulator/model/builtin_installation.hpp"
#include "simulator/model/yaml_reader.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

constexpr std::uint32_t longest_time = 86'400;

const std::map<std::string, Role, std::less<>> role_names{{"system_administrator", Role::system_administrator},
                                                          {"tenant_administrator", Role::tenant_administrator},
                                                          {"queue_manager", Role::queue_manager},
                                                          {"user", Role::user},
                                                          {"custom", Role::custom}};

const std::map<std::string, Permission, std::less<>> permission_names{{"system_tenant", Permission::system_tenant},
                                                                      {"users", Permission::users},
                                                                      {"phone_system", Permission::phone_system},
                                                                      {"analytics", Permission::analytics}};

class InstallationReader {
 public:
  explicit InstallationReader(std::string name) : yaml_(std::move(name)) {}

  Installation read(const std::string& text) const {
    const YAML::Node root = yaml_.parse(text);
    yaml_.check_keys(root, {"tenants", "users"});
    Installation installation;
    if (root["tenants"])
      for (const auto& node : yaml_.list(root, "tenants"))
        installation.tenants.push_back(tenant(node, installation.tenants));
    else
      installation.tenants = default_installation().tenants;
    if (installation.tenants.empty()) yaml_.fail(root["tenants"], "`tenants` must be a list of one at least");
    if (!root["users"]) yaml_.fail(root, "`users` must be a list");
    for (const auto& node : yaml_.list(root, "users")) installation.accounts.push_back(account(node, installation));
    return installation;
  }

 private:
  static bool is_list(const YAML::Node& node, const char* key) { return node[key] && node[key].IsSequence(); }

  /// `key` of `node` is that `field` by which the plans are told apart, or those of them that `counts`.
  template <class Plan, class Counts>
  void check_new(const YAML::Node& node, const char* key, const std::vector<Plan>& before, std::string Plan::*field,
                 Counts counts) const {
    const auto value = node[key].Scalar();
    if (std::ranges::any_of(before, [&](const Plan& each) { return counts(each) && each.*field == value; }))
      yaml_.fail(node[key], fmt::format("the {} {} is given twice", key, value));
  }

  template <class Plan>
  void check_new(const YAML::Node& node, const char* key, const std::vector<Plan>& before,
                 std::string Plan::*field) const {
    check_new(node, key, before, field, [](const Plan&) { return true; });
  }

  TenantPlan tenant(const YAML::Node& node, const std::vector<TenantPlan>& before) const {
    yaml_.check_keys(node, {"name", "domain", "extensions", "queues", "trunks"});
    TenantPlan plan;
    plan.name = yaml_.name(node, "name");
    plan.domain = yaml_.name(node, "domain");
    check_new(node, "name", before, &TenantPlan::name);
    check_new(node, "domain", before, &TenantPlan::domain);
    if (is_list(node, "extensions"))
      for (const auto& each : node["extensions"]) plan.extensions.push_back(extension(each, plan));
    else
      plan.extensions = made_up_extensions(yaml_.count(node, "extensions", default_extensions, 2, max_extensions));
    if (is_list(node, "queues"))
      for (const auto& each : node["queues"]) plan.queues.push_back(queue(each, plan));
    else
      plan.queues = made_up_queues(yaml_.count(node, "queues", default_queues, 1, max_queues), plan.extensions);
    if (node["trunks"])
      for (const auto& each : yaml_.list(node, "trunks")) plan.trunks.push_back(trunk(each, plan));
    else
      plan.trunks = made_up_trunks(plan);
    return plan;
  }

  ExtensionPlan extension(const YAML::Node& node, const TenantPlan& tenant) const {
    yaml_.check_keys(node, {"number", "name", "username", "department"});
    ExtensionPlan plan;
    plan.number = yaml_.short_number(node, "number");
    check_free(node["number"], plan.number, tenant);
    plan.name = yaml_.required(node, "name");
    plan.username = node["username"] ? yaml_.name(node, "username") : "user" + plan.number;
    plan.department = yaml_.text(node, "department");
    return plan;
  }

  QueuePlan queue(const YAML::Node& node, const TenantPlan& tenant) const {
    yaml_.check_keys(node,
                     {"number", "name", "agents", "managers", "service_level", "longest_wait", "wrap_up", "capacity"});
    const auto seconds = [&](const char* key, std::chrono::seconds otherwise) {
      return std::chrono::seconds(
          yaml_.count(node, key, static_cast<std::uint32_t>(otherwise.count()), 1, longest_time));
    };
    QueuePlan plan;
    plan.number = yaml_.short_number(node, "number");
    check_free(node["number"], plan.number, tenant);
    plan.name = yaml_.required(node, "name");
    plan.agents = extensions(node["agents"], tenant);
    plan.managers = extensions(node["managers"], tenant);
    plan.service_level = seconds("service_level", plan.service_level);
    plan.longest_wait = seconds("longest_wait", plan.longest_wait);
    plan.wrap_up = seconds("wrap_up", plan.wrap_up);
    plan.capacity = yaml_.count(node, "capacity", plan.capacity, 1, 10'000);
    return plan;
  }

  TrunkPlan trunk(const YAML::Node& node, const TenantPlan& tenant) const {
    yaml_.check_keys(node, {"name", "host", "numbers"});
    TrunkPlan plan;
    plan.name = yaml_.name(node, "name");
    check_new(node, "name", tenant.trunks, &TrunkPlan::name);
    if (node["host"]) plan.host = yaml_.name(node, "host");
    for (const auto& each : yaml_.list(node, "numbers")) {
      yaml_.check_keys(each, {"number", "leads_to"});
      const auto number = yaml_.outside_number(each, "number");
      check_new(each, "number", plan.numbers, &DirectNumber::number);
      plan.numbers.push_back({number, yaml_.short_number(each, "leads_to")});
      if (!exists(plan.numbers.back().leads_to, tenant))
        yaml_.fail(each["leads_to"], "the tenant has neither such an extension nor such a queue");
    }
    return plan;
  }

  static bool exists(const std::string& number, const TenantPlan& tenant) {
    return std::ranges::find(tenant.extensions, number, &ExtensionPlan::number) != tenant.extensions.end() ||
           std::ranges::find(tenant.queues, number, &QueuePlan::number) != tenant.queues.end();
  }

  void check_free(const YAML::Node& node, const std::string& number, const TenantPlan& tenant) const {
    if (exists(number, tenant)) yaml_.fail(node, fmt::format("the number {} is given twice", number));
  }

  void check_extension(const YAML::Node& node, const std::string& number, const TenantPlan& tenant) const {
    if (std::ranges::find(tenant.extensions, number, &ExtensionPlan::number) == tenant.extensions.end())
      yaml_.fail(node, fmt::format("the tenant has no extension {}", number));
  }

  std::vector<std::string> extensions(const YAML::Node& list, const TenantPlan& tenant) const {
    std::vector<std::string> numbers;
    if (!list) return numbers;
    if (!list.IsSequence()) yaml_.fail(list, "must be a list of extensions' numbers");
    for (const auto& node : list) {
      const auto number = node.IsScalar() ? node.Scalar() : std::string();
      check_extension(node, number, tenant);
      if (std::ranges::find(numbers, number) != numbers.end()) yaml_.fail(node, "is given twice");
      numbers.push_back(number);
    }
    return numbers;
  }

  Account account(const YAML::Node& node, const Installation& installation) const {
    yaml_.check_keys(node, {"username", "password", "access_token", "extension_number", "extension_password", "domain",
                            "role", "permissions"});
    Account account;
    account.username = yaml_.required(node, "username");
    account.password = yaml_.required(node, "password");
    account.access_token = yaml_.text(node, "access_token");
    account.extension_number = yaml_.text(node, "extension_number");
    account.extension_password = yaml_.text(node, "extension_password");
    if (account.extension_password.empty()) account.extension_password = account.password;
    account.domain = yaml_.text(node, "domain");
    if (node["role"]) account.role = yaml_.one_of(node["role"], role_names);
    check_place(node, account, installation);
    if (account.role == Role::custom && !node["permissions"])
      yaml_.fail(node, "`permissions` is missing: a custom role is what it may view");
    account.may_view = node["permissions"] ? permissions(node["permissions"]) : permissions_of(account.role);
    return account;
  }

  /// The tenant, the name and the extension of an account.
  void check_place(const YAML::Node& node, const Account& account, const Installation& installation) const {
    const bool without_domain = account.role == Role::system_administrator;
    if (without_domain != account.domain.empty())
      yaml_.fail(node, without_domain ? "a system administrator has no `domain`" : "`domain` is missing");
    const auto tenant = std::ranges::find(installation.tenants, account.domain, &TenantPlan::domain);
    if (!without_domain && tenant == installation.tenants.end())
      yaml_.fail(node["domain"], fmt::format("no tenant has the domain `{}`", account.domain));
    const auto is_colleague = [&](const Account& each) { return each.domain == account.domain; };
    check_new(node, "username", installation.accounts, &Account::username, is_colleague);
    if (account.extension_number.empty()) return;
    if (without_domain) yaml_.fail(node["extension_number"], "a system administrator has no extension");
    check_extension(node["extension_number"], account.extension_number, *tenant);
    check_new(node, "extension_number", installation.accounts, &Account::extension_number, is_colleague);
  }

  std::set<Permission> permissions(const YAML::Node& node) const {
    std::set<Permission> result;
    if (!node.IsMap()) yaml_.fail(node, "`permissions` must be a map of `view_only` and `full_access`");
    for (const auto& entry : node) {
      const auto permission = yaml_.one_of(entry.first, permission_names);
      const auto level = entry.second.IsScalar() ? entry.second.Scalar() : std::string();
      if (level != "view_only" && level != "full_access")
        yaml_.fail(entry.second, "must be `view_only` or `full_access`");
      result.insert(permission);
    }
    return result;
  }

  YamlReader yaml_;
};

}  // namespace

Installation default_installation() { return InstallationReader("built in").read(builtin_installation()); }

Installation load_installation(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error(fmt::format("{}: error: cannot be read", file.string()));
  std::ostringstream text;
  text << stream.rdbuf();
  return InstallationReader(file.string()).read(text.str());
}

}  // namespace pbxbridge::sim
