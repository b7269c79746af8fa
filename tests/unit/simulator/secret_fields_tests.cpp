#include "simulator/record/secret_fields.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

TEST(SecretFields, AreMaskedWhereverTheyStand) {
  EXPECT_EQ(without_secret_fields(R"({"status":0,"access_token":"ab\"c","x":{"token" : "d", "refresh_token":"e"}})"),
            R"({"status":0,"access_token":"***","x":{"token" : "***", "refresh_token":"***"}})");
  EXPECT_EQ(without_secret_fields(R"({"password":"cut o)"), R"({"password":"***)");
}

TEST(SecretFields, LeaveEverythingElseAsItIs) {
  for (const std::string text :
       {R"({"password":""})", R"({"token":null,"a":"token"})", R"(["token","b"])", R"("token":)", "\xff no JSON"})
    EXPECT_EQ(without_secret_fields(text), text);
}

}  // namespace
}  // namespace pbxbridge::sim
