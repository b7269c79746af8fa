#include "simulator/model/builtin_installation.hpp"

namespace pbxbridge::sim {

const std::string& builtin_installation() {
  static const std::string text = R"(# Two tenants with 20 extensions and 3 queues each.
#
# `extensions`: how many, numbered from 101, or a list of { number, name, username, department }.
# `queues`: how many, numbered from 8001, or a list of { number, name, agents, managers, service_level, longest_wait,
#   wrap_up, capacity }; times in seconds, agents and managers as numbers of extensions.
# `trunks`: a list of { name, host, numbers: [{ number, leads_to }] }; without it one with a number for each queue
#   and each extension.
tenants:
  - { name: example, domain: example.test, extensions: 20, queues: 3 }
  - { name: other, domain: other.test, extensions: 20, queues: 3 }

# `role`: system_administrator (has no domain), tenant_administrator, queue_manager, user or custom.
# `permissions`: what may be viewed, in place of what the role brings: system_tenant, users, phone_system, analytics,
#   each view_only or full_access.
# `extension_number` with `extension_password` (or else `password`) signs in, too; `access_token` does alone.
users:
  - { username: admin, password: secret, role: system_administrator }
  - { username: bridge, password: secret, domain: example.test, role: tenant_administrator }
  - { username: bridge, password: secret, domain: other.test, role: tenant_administrator }
  - username: ada  # an agent of queue 8001
    password: secret
    domain: example.test
    extension_number: "101"
    role: user
    permissions: { analytics: view_only }
  - { username: dennis, password: secret, domain: example.test, extension_number: "105", role: user }
  - { username: radia, password: secret, domain: example.test, extension_number: "106", role: queue_manager }
  - username: auditor
    password: secret
    domain: example.test
    role: custom
    permissions: { users: view_only, phone_system: view_only }
)";
  return text;
}

}  // namespace pbxbridge::sim
