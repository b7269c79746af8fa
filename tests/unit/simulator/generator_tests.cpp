#include "simulator/model/accounts.hpp"
#include "simulator/model/generator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;

constexpr std::int64_t noon = 1764000000;

bool everything(const EventFacts&) { return true; }

std::vector<Generator::Event> generate(std::size_t count, std::uint64_t seed, Dialect dialect = Dialect::v22,
                                       const Generator::Wanted& wanted = everything) {
  World world(default_installation().tenants);
  Generator generator(world, seed, dialect);
  std::vector<Generator::Event> events;
  for (std::int64_t second = 0; events.size() < count; ++second)
    if (auto event = generator.next(noon + second, wanted)) events.push_back(std::move(*event));
  return events;
}

/// Expects an event to have the keys and kinds of a sample. A list may be empty; all its elements have the same shape.
void expect_like(const json& event, const json& sample, const std::string& where) {
  ASSERT_STREQ(event.type_name(), sample.type_name()) << where;
  if (sample.is_object()) {
    std::set<std::string> keys, sample_keys;
    for (const auto& [key, value] : event.items()) keys.insert(key);
    for (const auto& [key, value] : sample.items()) sample_keys.insert(key);
    ASSERT_EQ(keys, sample_keys) << where;
    for (const auto& key : keys) expect_like(event.at(key), sample.at(key), where + "." + key);
  }
  if (sample.is_array() && !sample.empty())
    for (const auto& element : event) expect_like(element, sample[0], where + "[]");
}

std::map<std::string, json> samples() {
  std::map<std::string, json> result;
  for (const auto& entry : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events")) {
    std::ifstream file(entry.path());
    if (entry.path().extension() == ".json") result[entry.path().stem()] = json::parse(file);
  }
  return result;
}

TEST(GeneratorTest, EveryEventHasTheKeysAndKindsOfTheVendorsSample) {
  const auto sample = samples();
  ASSERT_EQ(sample.size(), 18U);
  std::set<std::string> seen;
  for (const auto& event : generate(20'000, 7)) {
    const auto object = json::parse(event.text);
    const std::string type = object.at("event_type");
    ASSERT_TRUE(sample.contains(type)) << type;
    expect_like(object, sample.at(type), type);
    if (HasFatalFailure()) FAIL() << event.text;
    seen.insert(type);
  }
  EXPECT_EQ(seen.size(), sample.size());
}

TEST(GeneratorTest, FactsAreThoseThatTheTextSays) {
  const World world(default_installation().tenants);
  for (const auto& event : generate(5'000, 3)) {
    const auto read = facts_of(event.text, world, Dialect::v22);
    ASSERT_EQ(read.event_type, event.facts.event_type);
    ASSERT_EQ(read.family, event.facts.family);
    ASSERT_EQ(read.tenant_id, event.facts.tenant_id);
    const bool by_extension = read.family == Family::extension;
    ASSERT_TRUE(!by_extension || read.extensions == event.facts.extensions) << event.text;
    const bool by_queue = read.family == Family::queue;
    ASSERT_TRUE(!by_queue || read.queues == event.facts.queues) << event.text;
  }
}

TEST(GeneratorTest, TheSameSeedMakesTheSameEvents) {
  const auto first = generate(2'000, 42);
  const auto second = generate(2'000, 42);
  const auto other = generate(2'000, 43);
  std::size_t different = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    ASSERT_EQ(first[i].text, second[i].text);
    different += first[i].text != other[i].text;
  }
  EXPECT_GT(different, first.size() / 2);
}

TEST(GeneratorTest, CallsBeginRingAndEndInThatOrderWithIdsWiderThan53Bits) {
  std::map<std::string, std::vector<std::string>> calls;
  for (const auto& event : generate(20'000, 5)) {
    if (event.facts.family != Family::cdr) continue;
    const auto object = json::parse(event.text);
    calls[object.at("session_id")].push_back(object.at("event_type"));
    EXPECT_GT(std::stoull(object.at("session_id").get<std::string>()), 1ULL << 53);
    if (object.at("event_type") != "call_cdr") continue;
    EXPECT_LE(std::stoll(object.at("start_time").get<std::string>()),
              std::stoll(object.at("ended_time").get<std::string>()));
    EXPECT_GE(object.at("talk_duration").get<int>(), 0);
  }
  ASSERT_GT(calls.size(), 500U);
  for (const auto& [session, types] : calls) {
    EXPECT_EQ(types.front(), "call_start") << session;
    for (std::size_t i = 1; i + 1 < types.size(); ++i) EXPECT_NE(types[i], "call_cdr") << session;
  }
}

TEST(GeneratorTest, OnlyWhatIsWantedComes) {
  const auto queues = [](const EventFacts& facts) { return facts.family == Family::queue; };
  for (const auto& event : generate(500, 1, Dialect::v22, queues)) EXPECT_EQ(event.facts.family, Family::queue);
  World world(default_installation().tenants);
  Generator generator(world, 1, Dialect::v22);
  EXPECT_FALSE(generator.next(noon, [](const EventFacts&) { return false; }));
}

TEST(GeneratorTest, Version16HasItsOwnEvents) {
  std::set<std::string> types;
  for (const auto& event : generate(5'000, 1, Dialect::v16)) {
    EXPECT_NE(event.facts.family, Family::unknown);
    types.insert(json::parse(event.text).at("event_type"));
  }
  EXPECT_THAT(types, ::testing::ElementsAre("call_cdr", "call_ended", "call_established", "call_start",
                                            "extension_register", "queue_status", "target_ringing"));
}

}  // namespace
}  // namespace pbxbridge::sim
