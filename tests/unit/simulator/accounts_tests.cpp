#include "simulator/model/accounts.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace pbxbridge::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Accounts : public ::testing::Test {
 protected:
  const Account& sign_in(const Credentials& credentials) const {
    const auto* account = authenticate(installation_, credentials);
    if (account == nullptr) throw std::runtime_error("rejected");
    return *account;
  }

  std::string rejection_of(const Credentials& credentials, std::string_view topic,
                           const std::set<std::string>& selected = {}, Dialect dialect = Dialect::v22) const {
    return rejection(sign_in(credentials), *find_topic(topic, dialect), selected, world_, dialect);
  }

  /// Returns subjects that exist and can be selected.
  static std::set<std::string> some(const Topic& topic) {
    switch (topic.selector) {
      case Selector::tenants:
        return {"720000000000000001"};
      case Selector::extensions:
        return {"101", "120"};
      case Selector::queues:
        return {"8001", "8003"};
      case Selector::none:
        break;
    }
    return {};
  }

  static Credentials administrator() { return {.username = "bridge", .domain = "example.test", .password = "secret"}; }
  static Credentials system() { return {.username = "admin", .password = "secret"}; }
  static Credentials extension() { return {.extension_number = "101", .domain = "example.test", .password = "secret"}; }

  Installation installation_ = default_installation();
  World world_{installation_.tenants};
};

TEST_F(Accounts, SignInByUserNameByExtensionAndWithoutDomain) {
  EXPECT_EQ(sign_in(administrator()).role, Role::tenant_administrator);
  EXPECT_EQ(sign_in(extension()).username, "ada");
  EXPECT_EQ(sign_in(system()).role, Role::system_administrator);
}

TEST_F(Accounts, AreRejectedForEachWrongPart) {
  const auto rejected = [&](Credentials credentials) { return authenticate(installation_, credentials) == nullptr; };
  EXPECT_TRUE(rejected({.username = "bridge", .domain = "example.test", .password = "wrong"}));
  EXPECT_TRUE(rejected({.username = "bridge", .domain = "nowhere.test", .password = "secret"}));
  EXPECT_TRUE(rejected({.username = "bridge", .password = "secret"})) << "a tenant user has a domain";
  EXPECT_TRUE(rejected({.username = "admin", .domain = "example.test", .password = "secret"}));
  EXPECT_TRUE(rejected({.extension_number = "102", .domain = "example.test", .password = "secret"}));
  EXPECT_TRUE(rejected({.username = "bridge", .domain = "example.test"})) << "no password";
  EXPECT_TRUE(rejected({.username = "bridge", .domain = "example.test", .access_token = "guess"}));
}

TEST_F(Accounts, TenantTopicsAreForTenantUsersAndGlobalOnesForSystemAdministrators) {
  for (const auto& topic : topics) {
    if (topic.family == Family::trunk) continue;
    EXPECT_EQ(rejection_of(system(), topic.name, some(topic)).empty(), topic.global) << topic.name;
    EXPECT_EQ(rejection_of(administrator(), topic.name, some(topic)).empty(), !topic.global) << topic.name;
  }
}

TEST_F(Accounts, AnExtensionMayWatchTheQueuesItServesAndNoOther) {
  EXPECT_THAT(rejection_of(extension(), "queue_events", {"8001"}), IsEmpty());
  EXPECT_THAT(rejection_of(extension(), "queue_events", {"8001", "8002"}), HasSubstr("queue 8002"));
  EXPECT_THAT(rejection_of(extension(), "queue_events"), HasSubstr("queues is missing"));
  EXPECT_THAT(rejection_of({.extension_number = "106", .domain = "example.test", .password = "secret"}, "queue_events",
                           {"8001"}),
              IsEmpty())
      << "its manager";
  EXPECT_THAT(rejection_of(extension(), "queue_management_events"), HasSubstr("administrators"));
}

TEST_F(Accounts, ARejectionNamesThePermissionThatIsMissing) {
  EXPECT_THAT(rejection_of(extension(), "extension_events", {"102"}), HasSubstr("PhoneSystem: View Only"));
  EXPECT_THAT(rejection_of(extension(), "cdr_events"), IsEmpty());
}

TEST_F(Accounts, WhatIsSelectedMustExistAndBeNamed) {
  EXPECT_EQ(rejection_of(administrator(), "extension_events"), "") << "all of the tenant";
  EXPECT_EQ(rejection_of(administrator(), "extension_events", {"101", "999"}), "extension 999 does not exist");
  EXPECT_EQ(rejection_of(administrator(), "queue_events", {"8004"}), "queue 8004 does not exist");
  EXPECT_EQ(rejection_of(system(), "global_cdr_events"), "tenants is missing");
  EXPECT_EQ(rejection_of(system(), "global_cdr_events", {"7"}), "tenant 7 does not exist");
}

TEST_F(Accounts, ACustomRoleIsWhatItMayView) {
  const Credentials auditor{.username = "auditor", .domain = "example.test", .password = "secret"};
  EXPECT_THAT(rejection_of(auditor, "extension_events", {"101"}), IsEmpty());
  EXPECT_THAT(rejection_of(auditor, "extension_management_events"), IsEmpty());
  EXPECT_THAT(rejection_of(auditor, "cdr_events"), HasSubstr("needs Analytics"));
}

TEST_F(Accounts, InVersion16OnlyTenantsMayWatchTrunks) {
  const Credentials tenant{.tenant_name = "example", .password = "secret"};
  EXPECT_THAT(rejection_of(tenant, "trunk_events", {}, Dialect::v16), IsEmpty());
  EXPECT_THAT(rejection_of(extension(), "trunk_events", {}, Dialect::v16), HasSubstr("tenants only"));
}

TEST_F(Accounts, InVersion16WhatIsSelectedMustExistAndQueuesBeServed) {
  const Credentials tenant{.tenant_name = "example", .password = "secret"};
  EXPECT_EQ(rejection_of(tenant, "extension_events", {"101", "120"}, Dialect::v16), "");
  EXPECT_EQ(rejection_of(tenant, "extension_events", {"101", "999"}, Dialect::v16), "extension 999 does not exist");
  EXPECT_EQ(rejection_of(tenant, "queue_events", {"8002"}, Dialect::v16), "");
  EXPECT_EQ(rejection_of(tenant, "queue_events", {"8004"}, Dialect::v16), "queue 8004 does not exist");
  EXPECT_EQ(rejection_of(extension(), "extension_events", {"102"}, Dialect::v16), "") << "as the vendor's example";
  EXPECT_EQ(rejection_of(extension(), "queue_events", {"8001"}, Dialect::v16), "");
  EXPECT_THAT(rejection_of(extension(), "queue_events", {"8001", "8002"}, Dialect::v16), HasSubstr("queue 8002"));
  EXPECT_THAT(rejection_of(extension(), "queue_events", {}, Dialect::v16), HasSubstr("queues is missing"));
}

class AccountsFile : public ::testing::Test {
 protected:
  Installation load(const std::string& text) {
    std::ofstream(file_) << text;
    return load_installation(file_);
  }

  std::string error_of(const std::string& text) {
    try {
      load(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_ / "users.yaml";
};

TEST_F(AccountsFile, SaysTenantsUsersRolesAndPermissions) {
  const auto installation = load(R"(
tenants:
  - { name: acme, domain: acme.test, extensions: 3, queues: 1 }
users:
  - username: eve
    password: one
    domain: acme.test
    extension_number: 102
    extension_password: two
    access_token: three
    role: queue_manager
    permissions: { analytics: full_access }
)");
  ASSERT_EQ(installation.tenants.size(), 1U);
  EXPECT_EQ(World(installation.tenants).tenants[0].extensions.size(), 3U);
  const auto* account =
      authenticate(installation, {.extension_number = "102", .domain = "acme.test", .password = "two"});
  ASSERT_NE(account, nullptr);
  EXPECT_EQ(account->role, Role::queue_manager);
  EXPECT_TRUE(account->may_view.contains(Permission::analytics));
  EXPECT_EQ(authenticate(installation, {.username = "eve", .domain = "acme.test", .access_token = "three"}), account);
  EXPECT_EQ(authenticate(installation, {.access_token = "three"}), account) << "it says whose it is";
  EXPECT_EQ(authenticate(installation, {.extension_number = "101", .access_token = "three"}), nullptr);
  EXPECT_EQ(authenticate(installation, {.domain = "other.test", .access_token = "three"}), nullptr);
}

TEST_F(AccountsFile, TellsTwoAccountsOfOneTokenApartByTheirNames) {
  const auto installation = load(R"(
tenants: [{ name: acme, domain: acme.test, extensions: 3, queues: 1 }]
users:
  - { username: ada, password: one, domain: acme.test, access_token: three }
  - { username: eve, password: two, domain: acme.test, access_token: three }
)");
  const auto* eve = authenticate(installation, {.username = "eve", .domain = "acme.test", .access_token = "three"});
  ASSERT_NE(eve, nullptr);
  EXPECT_EQ(eve->username, "eve");
}

TEST_F(AccountsFile, AnswersAMistakeWithItsPlace) {
  EXPECT_THAT(error_of("tenants: []\nusers: []\n"), HasSubstr("`tenants` must be a list of one at least"));
  const auto in_file = [&](const std::string& rest) { return file_.string() + rest; };
  EXPECT_EQ(error_of("users:\n  - { username: a, passwort: b }\n"), in_file(":2:20: error: unknown key `passwort`"));
  EXPECT_EQ(error_of("users:\n  - { username: a, password: b, domain: nowhere.test }\n"),
            in_file(":2:41: error: no tenant has the domain `nowhere.test`"));
  EXPECT_THAT(error_of("users:\n  - { username: a, password: b, domain: example.test, role: king }\n"),
              HasSubstr("must be one of custom, queue_manager"));
  EXPECT_THAT(error_of("tenants:\n  - { name: 'a\"b', domain: x }\nusers: []\n"),
              HasSubstr(":2:13: error: `name` may"));
  EXPECT_THAT(error_of("users: 1\n"), HasSubstr("`users` must be a list"));
  EXPECT_THAT(error_of("users: [\n"), HasSubstr("error: "));
  EXPECT_EQ(error_of(""), in_file(":1:1: error: must be a map"));
  EXPECT_EQ(error_of("users: []\nusers: []\n"), in_file(":2:1: error: `users` is given twice"));
  EXPECT_THAT(error_of("users: [{ username: M\xfcller, password: x, domain: example.test }]\n"),
              HasSubstr(":1:21: error: `username` is not UTF-8"));
}

TEST_F(AccountsFile, TakesNothingElseWhereAListIsMeant) {
  EXPECT_THAT(error_of("tenants: { name: x }\nusers: []\n"), HasSubstr(":1:10: error: `tenants` must be a list"));
  for (const char* trunks :
       {"5", "{ name: t }", "[{ name: t, numbers: 5 }]", "[{ name: t, numbers: { number: 1, leads_to: 101 } }]"})
    EXPECT_THAT(error_of("tenants: [{ name: x, domain: x.test, trunks: " + std::string(trunks) + " }]\nusers: []\n"),
                HasSubstr("must be a list"))
        << trunks;
}

TEST_F(AccountsFile, RejectsWhatWouldBeTwoOfOneName) {
  const auto with_tenant = [](const std::string& more) { return "tenants: [{ name: x, domain: x.test" + more; };
  EXPECT_THAT(error_of(with_tenant(" }, { name: y, domain: x.test }]\nusers: []\n")),
              HasSubstr(":1:59: error: the domain x.test is given twice"));
  EXPECT_THAT(error_of(with_tenant(" }, { name: x, domain: y.test }]\nusers: []\n")),
              HasSubstr("the name x is given twice"));
  EXPECT_THAT(error_of(with_tenant(", trunks: [{ name: t }, { name: t }] }]\nusers: []\n")),
              HasSubstr("the name t is given twice"));
  EXPECT_THAT(error_of(with_tenant(", trunks: [{ name: t, numbers: [{ number: 1, leads_to: 101 }, "
                                   "{ number: 1, leads_to: 102 }] }] }]\nusers: []\n")),
              HasSubstr("the number 1 is given twice"));
  const std::string ada = "{ username: ada, password: x, domain: example.test, extension_number: 101 }";
  EXPECT_THAT(error_of("users: [" + ada + ", { username: ada, password: y, domain: example.test }]\n"),
              HasSubstr("the username ada is given twice"));
  EXPECT_THAT(error_of("users: [" + ada +
                       ", { username: eve, password: y, domain: example.test, "
                       "extension_number: 101 }]\n"),
              HasSubstr("the extension_number 101 is given twice"));
  EXPECT_EQ(error_of("users: [" + ada +
                     ", { username: ada, password: y, domain: other.test, "
                     "extension_number: 101 }]\n"),
            "")
      << "each tenant has its own";
}

TEST_F(AccountsFile, KnowsTheNumbersOfATenant) {
  EXPECT_THAT(error_of("users: [{ username: a, password: b, domain: example.test, extension_number: 999 }]\n"),
              HasSubstr(":1:77: error: the tenant has no extension 999"));
  EXPECT_THAT(error_of("tenants: [{ name: x, domain: x.test, trunks: [{ name: t, numbers: [{ number: many, "
                       "leads_to: 101 }] }] }]\nusers: []\n"),
              HasSubstr("`number` must have digits only, and perhaps a plus before them"));
}

}  // namespace
}  // namespace pbxbridge::sim
