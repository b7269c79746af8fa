// Each call goes its way, in the words of either version, and its record says the same.

#include "model_property.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;

enum class Step : std::uint8_t {
  start,
  add,
  ringing,
  answer,
  noanswer,
  fail,
  end,
  other_party,
  hold,
  unhold,
  over,
  record
};

Step step_of(const std::string& type) {
  static const std::map<std::string, Step> steps{
      {"call_start", Step::start},
      {"call_cdr", Step::record},
      // 22.x
      {"cdr_target_add", Step::add},
      {"cdr_target_ringing", Step::ringing},
      {"cdr_target_answer", Step::answer},
      {"cdr_target_noanswer", Step::noanswer},
      {"cdr_target_fail", Step::fail},
      {"cdr_target_end", Step::end},
      {"call_update_info", Step::other_party},
      // 16.x
      {"target_add", Step::add},
      {"target_ringing", Step::ringing},
      {"call_established", Step::answer},
      {"target_noanswer", Step::noanswer},
      {"target_fail", Step::fail},
      {"target_ended", Step::end},
      {"call_reroute", Step::other_party},
      {"call_hold", Step::hold},
      {"call_unhold", Step::unhold},
      {"call_ended", Step::over},
      {"call_noanswer", Step::over},
      {"call_fail", Step::over},
  };
  return steps.at(type);
}

/// Times are seconds, 0 where it did not happen.
struct SeenTarget {
  std::string destination;
  std::int64_t started = 0;
  std::int64_t rang = 0;
  std::int64_t answered = 0;
  std::int64_t ended = 0;
  bool failed = false;

  bool operator==(const SeenTarget&) const = default;
};

void PrintTo(const SeenTarget& target, std::ostream* stream) {
  *stream << target.destination << " from " << target.started << ", rang " << target.rang << ", answered "
          << target.answered << ", ended " << target.ended << (target.failed ? ", failed" : "");
}

struct SeenCall {
  json start;
  std::vector<SeenTarget> targets;
  bool on_hold = false;
  std::string over;  ///< the event that says so, of 16.x

  bool is_offered() const { return !targets.empty() && targets.back().ended == 0; }
  bool is_talking() const { return is_offered() && targets.back().answered != 0; }
};

class CallWitness : public Witness {
 public:
  explicit CallWitness(Dialect dialect) : dialect_(dialect) {}

  bool cares_about(Family family) const override {
    return family == Family::cdr || (dialect_ == Dialect::v16 && family == Family::extension);
  }

  void see(const std::string& type, const json& event) override {
    if (type == "extension_register") return;
    ++counts[type];
    const std::string session = event.at("session_id");
    const auto step = step_of(type);
    if (step == Step::start) {
      EXPECT_TRUE(open.try_emplace(session, SeenCall{event, {}, false, ""}).second) << "a session starts once";
      EXPECT_TRUE(cdr_ids_.insert(event.at("cdr_id")).second) << "no two calls have the same record";
      return;
    }
    ASSERT_TRUE(open.contains(session)) << "it has started, and has no record yet";
    auto& call = open.at(session);
    EXPECT_EQ(event.at("direction"), call.start.at("direction"));
    if (step == Step::record) {
      compare_with_record(call, event);
      open.erase(session);
      return;
    }
    EXPECT_EQ(event.at("cdr_id"), call.start.at("cdr_id"));
    EXPECT_EQ(call.over, "") << "nothing but the record comes after the end";
    go_on(call, step, type, event);
  }

  std::map<std::string, SeenCall> open;
  std::map<std::string, int> counts;  ///< of events of a type

 private:
  static void go_on(SeenCall& call, Step step, const std::string& type, const json& event) {
    const auto time = number(event.at("time"));
    if (step == Step::add) {
      EXPECT_FALSE(call.is_offered()) << "one target after the other";
      SeenTarget target;
      target.destination = event.at("destination");
      target.started = time;
      call.targets.push_back(std::move(target));
    } else if (step == Step::other_party || step == Step::over) {
      EXPECT_FALSE(call.is_offered()) << "the target before has ended";
      EXPECT_TRUE(step == Step::over || !call.on_hold);
      if (step == Step::over) call.over = type;
    } else if (step == Step::hold || step == Step::unhold) {
      EXPECT_TRUE(call.is_talking());
      EXPECT_NE(std::exchange(call.on_hold, step == Step::hold), call.on_hold);
    } else {
      ASSERT_TRUE(call.is_offered()) << "it was added, and has not ended";
      EXPECT_EQ(event.at("destination"), call.targets.back().destination);
      go_on(call.targets.back(), step, time);
    }
  }

  static void go_on(SeenTarget& target, Step step, std::int64_t time) {
    EXPECT_EQ(target.answered != 0, step == Step::end) << "what was answered ends, and nothing else does";
    if (step == Step::ringing) {
      EXPECT_EQ(target.rang, 0) << "it rings once";
      target.rang = time;
    } else if (step == Step::answer) {
      target.answered = time;
      if (target.rang == 0) target.rang = time;  // a queue answers at once
    } else {
      target.failed = step == Step::fail;
      EXPECT_FALSE(target.failed && target.rang != 0) << "what rings was reached";
      target.ended = time;
    }
  }

  void compare_with_record(const SeenCall& call, const json& record) const {
    EXPECT_EQ(record.at("call_id"), call.start.at("call_id"));
    EXPECT_EQ(record.at("start_time"), call.start.at("time"));
    EXPECT_EQ(record.at("caller"), user_of(call.start.at("caller")));
    std::vector<SeenTarget> targets;
    for (const auto& target : record.at("call_targets")) {
      expect_to_add_up(target);
      EXPECT_EQ(target.at("id"), call.start.at("cdr_id"));
      targets.push_back({target.at("destination"), number(target.at("start_time")), number(target.at("ring_time")),
                         number(target.at("answered_time")), number(target.at("ended_time")),
                         target.at("status") == "fail"});
    }
    EXPECT_THAT(call.targets, ::testing::ElementsAreArray(targets));
    expect_to_add_up(record);
    for (const auto& target : targets) EXPECT_LE(target.ended, number(record.at("ended_time")));
    if (dialect_ == Dialect::v22) return;
    static const std::map<std::string, std::string> status_of_end{
        {"call_ended", "answered"}, {"call_noanswer", "noanswer"}, {"call_fail", "fail"}};
    EXPECT_EQ(record.at("call_status"), status_of_end.at(call.over));
  }

  static void expect_to_add_up(const json& record) {
    const auto started = number(record.at("start_time")), rang = number(record.at("ring_time")),
               answered = number(record.at("answered_time")), ended = number(record.at("ended_time"));
    EXPECT_LE(started, ended);
    if (rang != 0) {
      EXPECT_LE(started, rang);
      EXPECT_LE(rang, ended);
    }
    if (answered != 0) {
      EXPECT_LE(rang, answered);
      EXPECT_LE(answered, ended);
    }
    EXPECT_EQ(number(record.at("ring_duration")), rang != 0 ? (answered != 0 ? answered : ended) - rang : 0);
    EXPECT_EQ(number(record.at("talk_duration")), answered != 0 ? ended - answered : 0);
    const std::string status = record.value("call_status", record.value("status", ""));
    EXPECT_EQ(status == "answered", answered != 0);
    EXPECT_EQ(status == "fail", number(record.at("status_code")) != 0) << status;
  }

  Dialect dialect_;
  std::set<std::string> cdr_ids_;
};

TEST_P(ModelProperty, EachCallGoesItsWayAndItsRecordAddsUp) {
  CallWitness witness(GetParam().dialect);
  run(witness);
  std::set<std::string> still_open;
  for (const auto& [serial, call] : model_.open_calls())
    if (call->phase != Call::Phase::planned) still_open.insert(call->session_id);
  run_to_the_end_of_the_moment(witness);
  std::set<std::string> seen_open;
  for (const auto& [session, call] : witness.open) seen_open.insert(session);
  EXPECT_EQ(seen_open, still_open) << "what has not ended is what the model has open";
  EXPECT_GT(witness.counts["call_cdr"], 2'000);
  const bool is_22 = GetParam().dialect == Dialect::v22;
  for (const char* type : is_22 ? std::vector{"cdr_target_noanswer", "cdr_target_fail", "call_update_info"}
                                : std::vector{"target_noanswer", "target_fail", "call_reroute", "call_hold",
                                              "call_unhold", "call_noanswer", "call_fail"})
    EXPECT_GT(witness.counts[type], 0) << type;
}

TEST_P(ModelProperty, NoExtensionIsCalledBackOverATrunk) {
  std::uint64_t last_seen = 0;
  for (int i = 0; i < events_of_a_run; ++i) {
    ASSERT_TRUE(model_.next());
    for (auto call = model_.open_calls().upper_bound(last_seen); call != model_.open_calls().end(); ++call) {
      last_seen = call->first;
      ASSERT_TRUE(!call->second->is_call_back() ||
                  call->second->tenant->extension(call->second->callee.number) == nullptr);
    }
  }
  EXPECT_GT(last_seen, 0U);
}

struct TrunkWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::trunk || family == Family::extension; }

  void see(const std::string& type, const json& event) override {
    if (type == "trunk_connected") {
      EXPECT_EQ(lost.erase(event.at("trunk_name")), 1U);
      ++found;
    } else if (type == "trunk_disconnected") {
      EXPECT_TRUE(lost.insert(event.at("trunk_name")).second);
    } else if (type == "call_start" && event.at("direction") == "inbound") {
      EXPECT_FALSE(lost.contains(trunk_of_tenant.at(event.at("tenant_id")))) << "nobody calls by a trunk that is lost";
    }
  }

  std::map<std::string, std::string> trunk_of_tenant;
  std::set<std::string> lost;
  int found = 0;
};

TEST_P(ModelPropertyOf16, ATrunkIsLostAndFoundInTurn) {
  TrunkWitness witness;
  for (const auto& tenant : world_.tenants) witness.trunk_of_tenant[tenant.id] = tenant.trunks.at(0).text;
  // The run of the large tenant is shorter than the time from one loss to the next.
  for (const char* order : {"trunk disconnect t1", "trunk connect t1"}) EXPECT_EQ(model_.execute(order), "");
  run(witness);
  EXPECT_GT(witness.found, GetParam().is_large() ? 0 : 5);
}

}  // namespace
}  // namespace pbxbridge::sim
