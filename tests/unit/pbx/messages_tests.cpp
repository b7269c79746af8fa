#include "pbx/dialect.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

config::AuthConfig account(std::string username, std::string extension_number, std::string domain) {
  config::AuthConfig account;
  account.username = std::move(username);
  account.extension_number = std::move(extension_number);
  account.domain = std::move(domain);
  return account;
}

TEST(Messages22, AuthenticateASystemAdministratorWithoutDomain) {
  EXPECT_EQ(make_dialect_22()->auth(account("admin", "", ""), {"s3cret", ""}),
            R"({"command":"auth","username":"admin","password":"s3cret"})");
}

TEST(Messages22, AuthenticateATenantUserByName) {
  EXPECT_EQ(make_dialect_22()->auth(account("testuser1", "", "test.io"), {"s3cret", ""}),
            R"({"command":"auth","username":"testuser1","password":"s3cret","domain":"test.io"})");
}

TEST(Messages22, AuthenticateATenantUserByExtension) {
  EXPECT_EQ(make_dialect_22()->auth(account("", "101", "test.io"), {"s3cret", ""}),
            R"({"command":"auth","extension_number":"101","password":"s3cret","domain":"test.io"})");
}

TEST(Messages22, PutAnAccessTokenInPlaceOfThePassword) {
  EXPECT_EQ(make_dialect_22()->auth(account("bridge", "", "test.io"), {"", "t0ken"}),
            R"({"command":"auth","username":"bridge","access_token":"t0ken","domain":"test.io"})");
}

TEST(Messages22, EscapeWhatJsonWants) {
  EXPECT_EQ(make_dialect_22()->auth(account("admin", "", ""), {"a\"b\\c\n", ""}),
            R"({"command":"auth","username":"admin","password":"a\"b\\c\n"})");
}

TEST(Messages22, DoNotThrowOverBytesThatAreNoUtf8) {
  EXPECT_NO_THROW(make_dialect_22()->auth(account("admin", "", ""), {"\xff\xfe", ""}));
}

TEST(Messages22, SubscribeToATopicAndToASelector) {
  const auto wire = make_dialect_22();
  EXPECT_EQ(wire->subscribe({"cdr_events", {}, "", {}}), R"({"command":"subscribe","topics":["cdr_events"]})");
  EXPECT_EQ(wire->subscribe({"extension_events", {}, "extensions", {"102", "103"}}),
            R"({"command":"subscribe","topics":["extension_events"],"extensions":["102","103"]})");
  EXPECT_EQ(wire->subscribe({"global_cdr_events", {}, "tenants", {"23435"}}),
            R"({"command":"subscribe","topics":["global_cdr_events"],"tenants":["23435"]})");
}

TEST(Messages22, Unsubscribe) {
  EXPECT_EQ(make_dialect_22()->unsubscribe({"queue_events", {}, "queues", {"8001", "8002"}}),
            R"({"command":"unsubscribe","topics":["queue_events"],"queues":["8001","8002"]})");
}

TEST(Messages16, AuthenticateAnExtension) {
  EXPECT_EQ(make_dialect_16()->auth(account("", "101", "test.com"), {"s3cret", ""}),
            R"({"command":"auth","extension":"101","domain":"test.com","password":"s3cret"})");
}

TEST(Messages16, AuthenticateATenant) {
  EXPECT_EQ(make_dialect_16()->auth(account("tenant name", "", ""), {"s3cret", ""}),
            R"({"command":"auth","name":"tenant name","password":"s3cret"})");
}

TEST(Messages16, SubscribeWithTheKeysWanted) {
  EXPECT_EQ(
      make_dialect_16()->subscribe(
          {"extension_events", {"extension_register", "call_start"}, "extensions", {"102", "103"}}),
      R"({"command":"subscribe","topics":[{"topic":"extension_events","keys":["extension_register","call_start"]}],)"
      R"("extensions":["102","103"]})");
}

TEST(Messages16, LeaveOutKeysThatAreNotSaid) {
  EXPECT_EQ(make_dialect_16()->unsubscribe({"trunk_events", {}, "", {}}),
            R"({"command":"unsubscribe","topics":[{"topic":"trunk_events"}]})");
}

TEST(Messages, AreThoseOfTheDialect) {
  EXPECT_EQ(make_dialect(config::Dialect::v22)->subscribe({"cdr_events", {}, "", {}}),
            make_dialect_22()->subscribe({"cdr_events", {}, "", {}}));
  EXPECT_EQ(make_dialect(config::Dialect::v16)->subscribe({"cdr_events", {}, "", {}}),
            make_dialect_16()->subscribe({"cdr_events", {}, "", {}}));
}

}  // namespace
}  // namespace pbxbridge::pbx
