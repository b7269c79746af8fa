#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/model/scale.hpp"
#include "support/sanitizer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include <ctime>
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

void expect_facts_as_texts_say(Dialect dialect) {
  World world(default_installation().tenants);
  Model model(world, 7, start, dialect);
  for (int i = 0; i < 5'000; ++i) {
    const auto event = *model.next();
    const auto read = facts_of(event.text, world, dialect);
    ASSERT_EQ(read.event_type, event.facts.event_type);
    ASSERT_EQ(read.family, event.facts.family);
    ASSERT_TRUE(read.tenant_id.empty() || read.tenant_id == event.facts.tenant_id);
    const bool by_extension = read.family == Family::extension;
    ASSERT_TRUE(!by_extension || read.extensions == event.facts.extensions) << event.text;
    const auto* tenant = world.tenant_of_id(event.facts.tenant_id);
    const bool known = !read.queues.empty() && tenant->queue(read.queues[0]) != nullptr;
    const bool by_queue = read.family == Family::queue && known;
    ASSERT_TRUE(!by_queue || read.queues == event.facts.queues) << event.text;
  }
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
  auto sample = samples();
  ASSERT_EQ(sample.size(), 18U);
  for (const char* like_ringing : {"add", "answer", "noanswer", "fail", "end"})
    sample[std::string("cdr_target_") + like_ringing] = sample.at("cdr_target_ringing");
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
  for (const auto dialect : {Dialect::v22, Dialect::v16}) expect_facts_as_texts_say(dialect);
}

TEST_F(ModelTest, TheSameSeedAndStartMakeTheSameEvents) {
  EXPECT_EQ(texts(42, 5'000), texts(42, 5'000));
  EXPECT_NE(texts(42, 100), texts(43, 100));
}

/// Compilers and platforms make no difference.
TEST_F(ModelTest, TheSameSeedMakesTheSameEventsEverywhere) {
  std::string all;
  for (const auto& text : texts(42, 5'000)) all += text + "\n";
  const auto hash = XXH3_64bits(all.data(), all.size());
  EXPECT_EQ(fmt::format("{:016x}", hash), "73d5edf600413022");
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
  ASSERT_THAT(events, SizeIs(7));
  EXPECT_EQ(events[0].at("event_type"), "call_start");
  EXPECT_EQ(events[0].at("caller"), "sip:101@example.test");
  EXPECT_EQ(events[1].at("call_status"), "ON_CALL");
  EXPECT_EQ(events[2].at("updated_agents")[0].at("state"), "OTHER_CALL");
  EXPECT_EQ(events[3].at("agent_status")[0].at("status"), "OTHER_CALL");
  EXPECT_EQ(events[4].at("event_type"), "cdr_target_add");
  EXPECT_EQ(events[5].at("event_type"), "cdr_target_ringing");
  EXPECT_EQ(events[6].at("extension"), "sip:102@example.test");
  EXPECT_EQ(events[6].at("call_status"), "RINGING");
  EXPECT_THAT(model_.open_calls(), SizeIs(1));
  const auto ended = ordered("hang-up 102");
  EXPECT_EQ(ended[0].at("event_type"), "cdr_target_noanswer");
  EXPECT_EQ(ended[1].at("event_type"), "call_cdr");
  EXPECT_EQ(ended[1].at("session_id"), events[0].at("session_id"));
  EXPECT_THAT(model_.open_calls(), IsEmpty());
  EXPECT_EQ(model_.records().size(), 1U);
}

TEST_F(ModelTest, ACallFailsToWhoeverCannotBeReached) {
  ordered("activity 0");
  ordered("call 103 104");
  ordered("extension unregister 106");
  ordered("trunk disconnect t1");
  EXPECT_EQ(model_.execute("call 15550100 107"), "trunk t1 is not connected");
  const std::vector<std::pair<std::string, std::string>> unreachable{
      {"104", "486"}, {"106", "480"}, {"15550100", "503"}};
  for (const auto& [to, status_code] : unreachable) {
    ordered("call 101 " + to);
    EXPECT_EQ(world_.tenants[0].extension("101")->call->phase, Call::Phase::started) << "nothing rings";
    std::vector<json> events;
    while (events.empty() || events.back().at("event_type") != "call_cdr")
      if (const auto event = model_.next(); event->facts.family == Family::cdr)
        events.push_back(json::parse(event->text));
    EXPECT_EQ(events.at(events.size() - 2).at("event_type"), "cdr_target_fail");
    const auto& record = events.back();
    EXPECT_EQ(record.at("call_status"), "fail");
    EXPECT_EQ(record.at("status_code"), status_code);
    EXPECT_EQ(record.at("call_targets").at(0).at("ring_time"), "0");
    ordered("hang-up 103");
    ordered("call 103 104");
  }
}

TEST_F(ModelTest, ATelephoneThatIsUnregisteredWhileItRingsDoesNotAnswer) {
  ordered("activity 0");
  std::size_t calls = 0;
  for (; calls < 20; ++calls) {
    ordered("extension register 102");
    ordered("presence 102 ONLINE");
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

TEST(ModelOfVersion16, LetsACallBeAnsweredHeldAndTransferredByCommand) {
  World world(default_installation().tenants);
  Model model(world, 1, start, Dialect::v16);
  const auto types_after = [&](const char* order) {
    EXPECT_EQ(model.execute(order), "") << order;
    std::string types;
    while (const auto event = model.next_of_this_moment())
      if (event->facts.family == Family::extension) types += event->facts.event_type + " ";
    return types;
  };
  EXPECT_EQ(types_after("call 109 110"), "call_start target_add target_ringing ");
  EXPECT_EQ(types_after("answer 110"), "call_established ");
  EXPECT_EQ(types_after("hold 110"), "call_hold ");
  EXPECT_EQ(types_after("take-back 110"), "call_unhold ");
  EXPECT_EQ(types_after("hold 109"), "call_hold ");
  EXPECT_EQ(types_after("transfer 110 111"), "call_unhold target_ended call_reroute target_add target_ringing ");
  EXPECT_EQ(types_after("answer 111"), "call_established ");
  EXPECT_EQ(types_after("hang-up 111"), "target_ended call_ended ");
  const auto& record = *model.records().begin();
  EXPECT_EQ(record.targets.at(0).end_reason, "attended_transfer_complete");
  EXPECT_EQ(record.targets.at(1).end_reason, "callee_disconnected");
}

TEST_F(ModelTest, WhoIsOnABusinessTripHasCallsForwarded) {
  ordered("presence 109 BUSINESS_TRIP");
  const auto events = ordered("call 15550100 109");
  EXPECT_EQ(events.at(0).at("direction"), "inbound_outbound");
  EXPECT_EQ(events.at(1).at("destination"), "sip:155502109@192.0.2.10");
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
  EXPECT_EQ(model_.execute("call 101 101"), "extension 101 cannot call itself");
  EXPECT_EQ(model_.execute("presence 999 AWAY"), "no extension 999");
  EXPECT_EQ(model_.execute("extension create 8001"), "8001 exists");
  EXPECT_EQ(model_.execute("queue destroy 8001 nowhere.test"), "no tenant nowhere.test");
  EXPECT_EQ(model_.execute("agent login 120 8001"), "120 is not an agent of 8001");
  EXPECT_EQ(model_.execute("answer 101"), "extension 101 does not ring");
  EXPECT_EQ(model_.execute("hold 101"), "extension 101 talks to nobody");
  EXPECT_EQ(model_.execute("transfer 101 999"), "no extension 999");
  EXPECT_EQ(model_.execute("transfer 101 102"), "extension 101 talks to nobody");
  EXPECT_EQ(model_.execute("trunk disconnect t2"), "no trunk t2");
  EXPECT_EQ(model_.execute("trunk cut t1"), "expected connect or disconnect");
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
  while (const auto event = model.next(start + 24h)) types.insert(event->facts.event_type);
  EXPECT_THAT(types,
              ::testing::ElementsAre("call_cdr", "call_ended", "call_established", "call_fail", "call_hold",
                                     "call_noanswer", "call_reroute", "call_start", "call_unhold", "extension_register",
                                     "queue_member_state", "queue_status", "target_add", "target_ended", "target_fail",
                                     "target_noanswer", "target_ringing", "trunk_connected", "trunk_disconnected"));
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

/// A working day of eight hours is to pass in a minute. Counts the time of the processor: the machine may be busy.
TEST(LargeModel, AnHourPassesInAnEighthOfAMinute) {
  auto installation = default_installation();
  scale(installation, {.tenants = 1, .extensions = 10'000, .queues = 50});
  World world(installation.tenants);
  Model model(world, 1, start, Dialect::v22);
  const auto before = std::clock();
  std::size_t events = 0;
  while (model.next(start + 1h)) ++events;
  constexpr double seconds = test::is_sanitized ? 60 : 60.0 / 8;
  EXPECT_LT(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC, seconds);
  EXPECT_GT(events, 500'000U);
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
