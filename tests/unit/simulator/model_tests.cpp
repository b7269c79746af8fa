#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/model/scale.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Time start = time_of_seconds(1764000000);

class ModelTest : public ::testing::Test {
 protected:
  std::vector<Event> take(std::size_t count) {
    std::vector<Event> events;
    while (events.size() < count) events.push_back(*model_.next());
    return events;
  }

  std::vector<std::string> types_by(Time until) {
    std::vector<std::string> types;
    while (const auto event = model_.next(until)) types.push_back(event->facts.event_type);
    return types;
  }

  std::vector<json> ordered(const std::string& order) {
    EXPECT_EQ(model_.execute(order), "") << order;
    std::vector<json> events;
    while (const auto event = model_.next_of_this_moment()) events.push_back(json::parse(event->text));
    return events;
  }

  World world_{default_installation().tenants};
  Model model_{world_, 7, start, Dialect::v22};
};

std::vector<std::string> texts(std::uint64_t seed, std::size_t count) {
  World world(default_installation().tenants);
  Model model(world, seed, start, Dialect::v22);
  std::vector<std::string> result;
  while (result.size() < count) result.push_back(model.next()->text);
  return result;
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

TEST_F(ModelTest, EveryEventHasTheKeysAndKindsOfTheVendorsSample) {
  const auto sample = samples();
  ASSERT_EQ(sample.size(), 18U);
  std::set<std::string> seen;
  for (const auto& event : take(5'000)) {
    const auto object = json::parse(event.text);
    const std::string type = object.at("event_type");
    ASSERT_TRUE(sample.contains(type)) << type;
    expect_like(object, sample.at(type), type);
    if (HasFatalFailure()) FAIL() << event.text;
    seen.insert(type);
  }
  EXPECT_THAT(seen, SizeIs(sample.size()));
}

TEST_F(ModelTest, FactsAreThoseThatTheTextSays) {
  for (const auto& event : take(5'000)) {
    const auto read = facts_of(event.text, world_, Dialect::v22);
    ASSERT_EQ(read.event_type, event.facts.event_type);
    ASSERT_EQ(read.family, event.facts.family);
    ASSERT_EQ(read.tenant_id, event.facts.tenant_id);
    const bool by_extension = read.family == Family::extension;
    ASSERT_TRUE(!by_extension || read.extensions == event.facts.extensions) << event.text;
    const bool known = !read.queues.empty() && world_.tenant_of_id(read.tenant_id)->queue(read.queues[0]) != nullptr;
    const bool by_queue = read.family == Family::queue && known;
    ASSERT_TRUE(!by_queue || read.queues == event.facts.queues) << event.text;
  }
}

TEST_F(ModelTest, TheSameSeedAndStartMakeTheSameEvents) {
  EXPECT_EQ(texts(42, 5'000), texts(42, 5'000));
  EXPECT_NE(texts(42, 100), texts(43, 100));
}

/// By every compiler and on every platform.
TEST_F(ModelTest, TheSameSeedMakesTheSameEventsEverywhere) {
  std::string all;
  for (const auto& text : texts(42, 5'000)) all += text + "\n";
  const auto hash = XXH3_64bits(all.data(), all.size());
  EXPECT_EQ(fmt::format("{:016x}", hash), "11aec568a3bbeaeb");
}

TEST_F(ModelTest, NothingHappensBeforeItsTime) {
  const auto first = model_.next();
  ASSERT_TRUE(first);
  const auto at = model_.now();
  while (model_.next_of_this_moment()) {
  }
  EXPECT_GT(model_.next_due(), at);
  EXPECT_FALSE(model_.next(at));
  EXPECT_EQ(model_.now(), at);
}

TEST_F(ModelTest, TheMorningIsBusyAndTheNightIsQuiet) {
  const auto calls_between = [&](Duration from, Duration until) {
    (void)types_by(start + from);
    const auto types = types_by(start + until);
    return std::ranges::count(types, "call_start");
  };
  const auto rush = calls_between(1h, 3h);
  const auto night = calls_between(16h, 22h);
  EXPECT_GT(rush, 300);
  EXPECT_GT(night, 0);
  EXPECT_LT(night * 5, rush);
  const auto online = [&] {
    return std::ranges::count_if(world_.tenants[0].extensions, [](const auto& each) { return each->online; });
  };
  EXPECT_LT(online(), 12);
  (void)types_by(start + 25h);
  EXPECT_GT(online(), 15);
}

TEST_F(ModelTest, OneThatIsMadeAtNightHasANight) {
  const auto calls_in_an_hour_of = [&](Day day) {
    World world(default_installation().tenants);
    Model model(world, 7, start, Dialect::v22, day);
    int calls = 0;
    while (const auto event = model.next(start + 1h)) calls += event->facts.event_type == "call_start";
    return calls;
  };
  EXPECT_LT(calls_in_an_hour_of(Day(start - 18h)) * 5, calls_in_an_hour_of(Day(start)));
}

TEST_F(ModelTest, ACallByCommandRingsAndIsAnsweredInTime) {
  const auto events = ordered("call 101 102");
  ASSERT_THAT(events, SizeIs(6));
  EXPECT_EQ(events[0].at("event_type"), "call_start");
  EXPECT_EQ(events[0].at("caller"), "sip:101@example.test");
  EXPECT_EQ(events[1].at("call_status"), "ON_CALL");
  EXPECT_EQ(events[2].at("updated_agents")[0].at("state"), "OTHER_CALL");
  EXPECT_EQ(events[3].at("agent_status")[0].at("status"), "OTHER_CALL");
  EXPECT_EQ(events[4].at("event_type"), "cdr_target_ringing");
  EXPECT_EQ(events[5].at("extension"), "sip:102@example.test");
  EXPECT_EQ(events[5].at("call_status"), "RINGING");
  EXPECT_THAT(model_.open_calls(), SizeIs(1));
  const auto ended = ordered("hang-up 102");
  EXPECT_EQ(ended[0].at("event_type"), "call_cdr");
  EXPECT_EQ(ended[0].at("session_id"), events[0].at("session_id"));
  EXPECT_THAT(model_.open_calls(), IsEmpty());
  EXPECT_EQ(model_.records().size(), 1U);
}

TEST_F(ModelTest, ATelephoneThatIsUnregisteredWhileItRingsDoesNotAnswer) {
  ordered("activity 0");
  std::size_t calls = 0;
  for (; calls < 20; ++calls) {
    ordered("extension register 102");
    ASSERT_EQ(model_.execute("call 15550100 102"), "");
    ordered("extension unregister 102");
    while (!model_.open_calls().empty()) ASSERT_TRUE(model_.next());
    while (model_.next_of_this_moment()) {
    }
  }
  ASSERT_EQ(model_.records().size(), calls);
  for (const auto& record : model_.records()) EXPECT_FALSE(record.answered());
}

TEST_F(ModelTest, WhoHasGoneHomeIsNotBackBeforeTheMorning) {
  std::set<std::string> gone;
  while (model_.next(start + 120h))
    for (const auto& tenant : world_.tenants)
      for (const auto& extension : tenant.extensions) {
        const auto name = tenant.address(*extension);
        if (extension->at_work)
          gone.erase(name);
        else if (!extension->online)
          gone.insert(name);
        else
          ASSERT_FALSE(gone.contains(name)) << name;
      }
}

TEST_F(ModelTest, PeopleAndThingsObeyCommands) {
  EXPECT_EQ(ordered("presence 103 AWAY")[0].at("presence"), "AWAY");
  EXPECT_EQ(ordered("extension unregister 101")[0].at("event_type"), "extension_status");
  EXPECT_EQ(ordered("agent logout 102 8001")[0].at("updated_agents")[0].at("state"), "ONLINE");
  EXPECT_EQ(ordered("agent remove 102 8001")[0].at("removed_agents")[0].at("agent_extension_number"), "102");
  EXPECT_EQ(ordered("extension create 300")[0].at("event_type"), "extension_created");
  EXPECT_EQ(ordered("agent add 300 8001")[0].at("updated_agents")[0].at("state"), "READY");
  EXPECT_EQ(ordered("extension destroy 300").back().at("event_type"), "extension_destroyed");
  EXPECT_EQ(ordered("queue create 8800 other.test")[0].at("tenant_id"), "720000000000000001");
  ordered("call 15550100 8002");
  EXPECT_EQ(ordered("queue destroy 8002").back().at("event_type"), "queue_destroy");
  EXPECT_THAT(model_.open_calls(), IsEmpty()) << "a caller does not wait in a queue that is gone";
}

TEST_F(ModelTest, ACommandThatCannotBeIsAnswered) {
  EXPECT_EQ(model_.execute("call 101"), "expected FROM TO [DOMAIN]");
  EXPECT_EQ(model_.execute("call 101 101"), "extension 101 is not idle");
  EXPECT_EQ(model_.execute("presence 999 AWAY"), "no extension 999");
  EXPECT_EQ(model_.execute("extension create 8001"), "8001 exists");
  EXPECT_EQ(model_.execute("queue destroy 8001 nowhere.test"), "no tenant nowhere.test");
  EXPECT_EQ(model_.execute("agent login 120 8001"), "120 is no agent of 8001");
  EXPECT_FALSE(model_.next_of_this_moment());
}

TEST_F(ModelTest, MoreCallsComeWhenToldSo) {
  EXPECT_EQ(model_.execute("activity 0"), "");
  const auto quiet = types_by(start + 1h);
  EXPECT_EQ(std::ranges::count(quiet, "call_start"), 0);
  EXPECT_EQ(model_.execute("activity day"), "");
  const auto busy = types_by(start + 2h);
  EXPECT_GT(std::ranges::count(busy, "call_start"), 50);
}

TEST_F(ModelTest, GoesOnWhenEveryExtensionHasGone) {
  for (const auto& tenant : world_.tenants) {
    std::vector<std::string> numbers;
    for (const auto& extension : tenant.extensions) numbers.push_back(extension->number);
    for (const auto& number : numbers) ordered("extension destroy " + number + " " + tenant.domain);
  }
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(model_.next());
    for (const auto& tenant : world_.tenants)
      if (tenant.extensions.size() == 1)
        ordered("extension destroy " + tenant.extensions[0]->number + " " + tenant.domain);
  }
}

TEST(ModelOfVersion16, HasItsOwnEvents) {
  World world(default_installation().tenants);
  Model model(world, 1, start, Dialect::v16);
  std::set<std::string> types;
  for (int i = 0; i < 5'000; ++i) types.insert(model.next()->facts.event_type);
  EXPECT_THAT(types, ::testing::ElementsAre("call_cdr", "call_ended", "call_established", "call_start",
                                            "extension_register", "queue_status", "target_ringing"));
}

TEST(LargeModel, HasTenThousandExtensionsWithNumbersOfTheirOwn) {
  auto installation = default_installation();
  scale(installation, {.tenants = 3, .extensions = 10'000, .queues = 900});
  World world(installation.tenants);
  ASSERT_THAT(world.tenants, SizeIs(3));
  EXPECT_EQ(world.tenants[2].domain, "tenant3.test");
  std::set<std::string> ids;
  for (const auto& tenant : world.tenants) {
    for (const auto& extension : tenant.extensions) ids.insert(extension->id);
    for (const auto& queue : tenant.queues) ids.insert(queue->id);
  }
  EXPECT_THAT(ids, SizeIs(3 * 10'900));
  Model model(world, 1, start, Dialect::v22);
  for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(model.next());
  EXPECT_LT(model.now(), start + 20min);
}

TEST(LargeModel, TimeGoesOnHoweverManyCallsThereAre) {
  auto installation = default_installation();
  scale(installation, {.tenants = 1, .extensions = 10'000, .queues = 3});
  World world(installation.tenants);
  Model model(world, 1, start, Dialect::v22);
  ASSERT_EQ(model.execute("activity 1000"), "");
  for (int i = 0; i < 1'000'000 && model.now() < start + 1s; ++i) (void)model.next(start + 1s);
  EXPECT_EQ(model.now(), start + 1s);
}

}  // namespace
}  // namespace pbxbridge::sim
