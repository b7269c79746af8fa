#include "state_run.hpp"

#include "support/kafka_admin.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <thread>

namespace pbxbridge::test {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto long_enough = 60s;
constexpr int partitions = 3;
constexpr int faults_max = 6;
constexpr int further_reconnects_max = 2;
const std::string events_a_second = "600";
/// They exist from the start, and are destroyed while nobody listens, at the end of the faults. Random orders leave
/// them alone.
const std::string lost_extension = "15999", lost_queue = "25999";

std::vector<std::string> simulator_arguments(unsigned seed, PbxKind kind, const std::filesystem::path& ledger) {
  std::vector<std::string> arguments{"--seed", std::to_string(seed), "--rate",       events_a_second, "--start-after",
                                     "1",      "--ledger",           ledger.string()};
  if (kind == PbxKind::untidy) arguments.emplace_back("--quirks");
  if (kind == PbxKind::older) arguments.insert(arguments.end(), {"--dialect", "16", "--tls"});
  return arguments;
}

std::string subscriptions_of_22() {
  std::string entry = "    auth: { username: admin, password: secret }\n    subscribe:\n";
  for (const char* topic : {"extension", "extension_management", "queue", "queue_management", "cdr"})
    entry += fmt::format(
        "      - {{ topic: global_{}_events, tenants: [\"710000000000000001\", \"720000000000000001\"] }}\n", topic);
  return entry;
}

std::string subscriptions_of_16(const std::filesystem::path& ca_file) {
  return fmt::format(R"(    dialect: "16"
    tls: {{ ca_file: "{}" }}
    auth: {{ username: bridge, password: secret }}
    subscribe:
      - {{ topic: extension_events, extensions: ["101", "102", "103", "104", "105"],
           keys: [extension_register, call_start, call_established, call_hold, call_unhold, call_ended, call_noanswer,
                  call_reroute, call_fail, target_add, target_ringing] }}
      - {{ topic: queue_events, keys: [queue_status, queue_member_state] }}
      - {{ topic: cdr_events, keys: [call_cdr] }}
)",
                     ca_file.string());
}

int subscriptions(PbxKind kind) { return kind == PbxKind::older ? 3 : 5; }

}  // namespace

StateRun::StateRun(unsigned seed, PbxKind kind)
    : random_(seed),
      kind_(kind),
      topic_(fresh_topic_name()),
      queue_events_topic_(fresh_topic_name()),
      mosquitto_({.config = {"max_queued_messages 0"}, .persistence = true}),
      simulator_(simulator_arguments(seed, kind, directory_ / "ledger")) {
  KafkaAdmin kafka(shared_kafka());
  kafka.create_topic(topic_, partitions, {{"cleanup.policy", "compact"}});
  kafka.create_topic(queue_events_topic_, partitions);
}

std::string StateRun::configuration() const {
  return "pbx:\n  - name: hq\n    url: " + simulator_.url() + "\n    reconnect: { initial: 50ms, maximum: 200ms }\n" +
         (kind_ == PbxKind::older ? subscriptions_of_16(simulator_.ca_file()) : subscriptions_of_22()) +
         fmt::format(R"(sinks:
  board: {{ type: mqtt, url: "mqtt://127.0.0.1:{}", reconnect: {{ initial: 50ms, maximum: 500ms }} }}
  lake: {{ type: kafka, brokers: [{}], attributes: full, reconnect: {{ initial: 50ms, maximum: 500ms }} }}
routes:
  - match: {{ family: state }}
    to:
      - {{ sink: board, topic: "{{event_type}}/{{tenant|none}}/{{entity}}", retain: true }}
      - {{ sink: lake, topic: {}, key: "{{event_type}}/{{tenant|none}}/{{entity}}" }}
  - match: {{ family: queue }}
    to: {{ sink: lake, topic: {}, key: "state_queue/{{tenant|none}}/{{entity}}" }}
state: {{ orphan_after: 2s }}
spool: {{ path: "{}" }}
)",
                     mosquitto_.port(), shared_kafka(), topic_, queue_events_topic_, (directory_ / "spool").string());
}

StateOutcome StateRun::run() {
  order("extension create " + lost_extension);
  order("queue create " + lost_queue);
  for (const auto& agent : {lost_extension, std::string("101")}) order("agent add " + agent + " " + lost_queue);
  start_bridge();
  wait_until_subscribed();
  if (kind_ != PbxKind::older && !eventually([this] { return shows_what_is_lost(); }, long_enough))
    throw std::runtime_error("no documents:\n" + bridge_->process().transcript());
  for (int fault = 2 + below(faults_max - 1); fault > 0; --fault) {
    pause(500ms);
    fail_once();
  }
  lose_removals();
  const auto healed = Clock::now();
  simulator_.command("rate " + events_a_second);  // what happens on the last connection counts, too
  pause(800ms);
  simulator_.command("rate 0");
  if (kind_ == PbxKind::untidy) {  // a snapshot says what was misspelt
    cut_connection();
    restore_connection();
  }
  wait_until_settled();
  // A queue that was created or renamed may wait for a minute until the PBX is asked about it.
  (void)eventually([&] { return (outcome_.difference = difference_now()).empty(); }, 90s);
  outcome_.seconds = std::chrono::duration<double>(Clock::now() - healed).count();
  const auto retained = retained_documents(mosquitto_);
  if (bridge_->stop() != 0) throw std::runtime_error("pbxbridge does not end");
  if (outcome_.difference.empty())
    outcome_.difference =
        difference("a late subscriber", without_causes(retained), "the spool", stored_documents(directory_ / "spool"));
  outcome_.log = bridge_->process().transcript();
  KafkaAdmin kafka(shared_kafka());
  for (const auto& topic : {topic_, queue_events_topic_}) kafka.delete_topic(topic);
  return outcome_;
}

void StateRun::pause(std::chrono::milliseconds at_most) {
  std::this_thread::sleep_for(std::chrono::milliseconds(below(static_cast<int>(at_most.count()))));
}

void StateRun::start_bridge() { bridge_.emplace(configuration()); }

void StateRun::kill_bridge() {
  bridge_->process().send_signal(SIGKILL);
  if (!bridge_->process().wait()) throw std::runtime_error("pbxbridge does not die");
}

/// Lasts until `restore_connection`.
void StateRun::cut_connection() {
  simulator_.command("refuse-connections on");
  simulator_.command("drop rst");
  wait_for_subscriptions(0);
}

void StateRun::restore_connection() {
  simulator_.command("refuse-connections off");
  wait_until_subscribed();
}

void StateRun::wait_until_subscribed() {
  wait_for_subscriptions(subscriptions(kind_));
  model_at_connection_ = model_state();
}

void StateRun::wait_for_subscriptions(int granted) {
  if (!bridge_->wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})", granted, long_enough))
    throw std::runtime_error("subscriptions do not come or go:\n" + bridge_->process().transcript());
}

void StateRun::order(const std::string& line) {
  try {
    simulator_.command(line);
  } catch (const std::runtime_error&) {
    if (!simulator_.process().running()) throw;
  }
}

void StateRun::administrate() {
  for (int orders = below(6); orders > 0; --orders) {
    const std::string domain = below(2) == 0 ? " example.test" : " other.test";
    const auto one_of = [&](auto... words) {
      return std::array<std::string, sizeof...(words)>{words...}[static_cast<std::size_t>(below(sizeof...(words)))];
    };
    const std::string extension = std::to_string(below(2) == 0 ? 106 + below(15) : 15'001 + below(3));
    const std::string queue = std::to_string(below(2) == 0 ? 8001 + below(3) : 25'001 + below(3));
    switch (below(5)) {
      case 0:
        order("extension " + one_of("create", "update", "destroy", "register", "unregister") + " " + extension +
              domain);
        break;
      case 1:
        order("queue " + one_of("create", "update", "destroy") + " " + std::to_string(25'001 + below(3)) + domain);
        break;
      case 2:
        order("agent " + one_of("login", "logout", "add", "remove") + " " + extension + " " + queue + domain);
        break;
      case 3:
        order("presence " + extension + " " + one_of("ONLINE", "LUNCH", "AWAY", "DO_NOT_DISTURB") + domain);
        break;
      default:
        order("call " + extension + " " + queue + domain);
    }
  }
}

void StateRun::fail_once() {
  administrate();
  switch (below(6)) {
    case 0:
    case 1:
      kill_bridge();
      administrate();
      pause(300ms);
      return start_bridge();
    case 2:
      if (bridge_->stop() != 0) throw std::runtime_error("pbxbridge does not end");
      administrate();
      return start_bridge();
    case 3:
      mosquitto_.stop();
      pause(500ms);
      if (below(2) == 0) {
        kill_bridge();
        start_bridge();
      }
      return mosquitto_.start();
    case 4:
      simulator_.command("refuse-connections on");
      simulator_.command("drop fin");
      administrate();
      pause(300ms);
      simulator_.command("refuse-connections off");
      return;
    default:
      simulator_.command(below(2) == 0 ? "drop rst" : "close 1012");
      administrate();
  }
}

/// Removes something in each run which only a snapshot can show to be gone. The model stands still afterwards.
void StateRun::lose_removals() {
  const bool kills = below(2) == 0;
  if (kills)
    kill_bridge();
  else
    cut_connection();
  simulator_.command("queue destroy " + lost_queue);
  simulator_.command("extension destroy " + lost_extension);
  pause(300ms);
  simulator_.command("rate 0");
  if (!kills) return restore_connection();
  start_bridge();
  wait_until_subscribed();
}

/// Waits until everything is delivered, and what snapshots no longer name is removed. A snapshot that comes late, on a
/// busy machine, is not known as one.
void StateRun::wait_until_settled() {
  const auto is_settled = [this] {
    return bridge_->metric(R"(pbxbridge_sink_lag_events{sink="board"})") == 0 &&
           bridge_->metric(R"(pbxbridge_sink_lag_events{sink="lake"})") == 0 &&
           (kind_ == PbxKind::older || !shows_what_is_lost());
  };
  while (!eventually(is_settled, 25s) && outcome_.further_reconnects < further_reconnects_max) {
    ++outcome_.further_reconnects;
    cut_connection();
    restore_connection();
  }
}

bool StateRun::shows_what_is_lost() const {
  return std::ranges::any_of(retained_documents(mosquitto_), [](const auto& document) {
    return document.second.find('"' + lost_extension + '"') != std::string::npos ||
           document.second.find('"' + lost_queue + '"') != std::string::npos;
  });
}

ModelState StateRun::model_state() {
  const auto ledger = directory_ / "ledger";
  const auto before = std::filesystem::file_size(ledger);
  simulator_.command("state");
  std::ifstream file(ledger);
  file.seekg(static_cast<std::streamoff>(before));
  ModelState state;
  for (std::string line; std::getline(file, line);)
    if (line.find(R"("state":{)") != std::string::npos) state.push_back(nlohmann::json::parse(line).at("state"));
  return state;
}

std::string StateRun::difference_now() {
  const auto model = model_state();
  const auto retained = retained_documents(mosquitto_);
  const auto compacted = compacted_documents(shared_kafka(), topic_);
  outcome_.documents = retained.size();
  outcome_.removals = compacted.removals;
  outcome_.duplicates = compacted.duplicates;
  std::vector<std::string> found{
      difference("a late subscriber", retained, "a reader of the compacted topic", compacted.documents),
      difference(retained, totals_of_events(shared_kafka(), queue_events_topic_)), ended_call(retained, model)};
  if (kind_ != PbxKind::older) {
    found.push_back(difference_of_new_calls(retained, model, model_at_connection_));
    found.push_back(difference_from_model(retained, model, model_at_connection_));
  }
  std::erase(found, "");
  return fmt::format("{}", fmt::join(found, "\n"));
}

}  // namespace pbxbridge::test
