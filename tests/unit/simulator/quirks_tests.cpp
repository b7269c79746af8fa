#include "simulator/model/model.hpp"
#include "simulator/protocol/quirks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;

TEST(QuirksTest, AreAllMetAndLeaveIdsAndTimesAlone) {
  auto installation = default_installation();
  name_in_many_scripts(installation);
  World world(installation.tenants);
  Model model(world, 1, time_of_seconds(1764000000), Dialect::v22);
  Quirks quirks(1);
  std::set<std::string> met;
  for (int i = 0; i < 20'000; ++i) {
    const auto event = model.next();
    const auto text = quirks.apply(event->text);
    const auto tidy = json::parse(event->text), untidy = json::parse(text);
    for (const char* key : {"event_type", "session_id", "tenant_id", "time", "start_time", "queue_id"})
      ASSERT_EQ(tidy.value(key, ""), untidy.value(key, "")) << text;
    if (text.find("ON_ACLL") != text.npos) met.insert("misspelt");
    if (tidy.value("talk_duration", json()).type() != untidy.value("talk_duration", json()).type()) met.insert("kinds");
    if (text.find(R"("end_reason":"caller_disconnect")") != text.npos) met.insert("misspelt inside");
    if (text.find(R"("position":1)") != text.npos) met.insert("kinds inside");
    if (text.find("username") != text.rfind("username")) met.insert("repeated key");
    if (text.find("\\u") != text.npos) met.insert("escaped");
    if (text.find("👩‍💻") != text.npos) met.insert("emoji");
    if (!text.starts_with(event->text.substr(0, 10))) met.insert("order");
    if (quirks.unknown_event(event->facts.tenant_id)) met.insert("unknown");
  }
  EXPECT_THAT(met, ::testing::UnorderedElementsAre("misspelt", "misspelt inside", "kinds", "kinds inside",
                                                   "repeated key", "escaped", "emoji", "order", "unknown"));
}

TEST(QuirksTest, AreTheSameWithTheSameSeed) {
  Quirks first(5), second(5);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(first.apply(R"({"a":1,"b":2,"status_code":0})"), second.apply(R"({"a":1,"b":2,"status_code":0})"));
}

}  // namespace
}  // namespace pbxbridge::sim
