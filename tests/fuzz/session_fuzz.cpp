// The session of an account: the input is a script of what the network, the PBX, the clock and the operator do, run as
// the session's runner does it. What the machine asks for must stay possible, and it must never come to rest by itself.

#include "fuzz/check.hpp"
#include "fuzz/unicode.hpp"
#include "pbx/session_machine.hpp"

#include <array>
#include <fuzzer/FuzzedDataProvider.h>
#include <optional>
#include <string>

using pbxbridge::fuzz::check;
using namespace pbxbridge;
using namespace pbxbridge::pbx;

namespace {

constexpr std::string_view frames[] = {
    R"({"command":"auth","id":"1","status":0})",
    R"({"command":"auth","error":"password error","id":"2","status":-1})",
    R"({"command":"subscribe","status":0})",
    R"({"command":"subscribe","status":-1,"error":"no permission"})",
    R"({"command":"unsubscribe","status":0})",
    R"({"status":0})",
    R"({"status":-1})",
    R"({"event_type":"call_cdr","session_id":"1"})",
    R"({"event_type":"queue_status","queue_id":"1"})",
};

bool is_fit_for_a_log(std::string_view text) {
  return fuzz::all_code_points(text, [](std::uint32_t value) { return !fuzz::is_control(value); });
}

/// The world around a machine, which does what the machine wants and checks that it can be done.
class World {
 public:
  enum class Connection : std::uint8_t { none, attempted, open, closing };

  void operator()(const action::Connect&) {
    check(connection == Connection::none, "there are never two connections");
    connection = Connection::attempted;
  }
  void operator()(const action::SendText&) { check(connection == Connection::open, "there is somebody to send to"); }
  void operator()(const action::SendPing&) { check(connection == Connection::open, "there is somebody to ping"); }
  void operator()(const action::Close&) {
    check(connection == Connection::open, "there is something to close");
    connection = Connection::closing;
  }
  void operator()(const action::Abort&) {
    check(connection != Connection::none, "there is something to abort");
    connection = Connection::none;
  }
  void operator()(const action::ArmTimer& what) {
    check(what.after.count() >= 0, "time passes forward");
    armed[static_cast<std::size_t>(what.timer)] = true;
  }
  void operator()(const action::CancelTimer& what) { armed[static_cast<std::size_t>(what.timer)] = false; }
  void operator()(const action::HandOff& what) {
    check(connection == Connection::open || connection == Connection::closing, "an event comes over a connection");
    check(what.connection_epoch == epoch, "an event belongs to the connection that it came by");
    ++handed_off;
  }
  void operator()(const action::WriteLog& what) {
    check(what.line.code != nullptr && is_fit_for_a_log(what.line.message), "a log line is fit to be read");
  }
  void operator()(const action::CountUp&) {}
  void operator()(const action::SetAuthenticated& what) {
    check(!what.authenticated || accepted, "only an account that was accepted is authenticated");
    authenticated = what.authenticated;
  }
  void operator()(const action::SetSubscribed& what) {
    check(!what.subscribed || (authenticated && !subscribed), "it is subscribed once, while it is authenticated");
    subscribed = what.subscribed;
    if (!subscribed) awaits_snapshots = false;
  }
  void operator()(const action::SetSnapshotsAsked& what) {
    check(subscribed, "snapshots are asked for once more where all is subscribed to");
    check(awaits_snapshots || !what.answered, "only what was asked for is answered, and once");
    awaits_snapshots = !what.answered;
  }
  void operator()(const action::SetSubscriptions&) {}
  void operator()(const action::Stopped&) {
    check(connection == Connection::none && !stopped, "a session stops once, without a connection");
    stopped = true;
  }

  void check_rest(bool stop_was_asked_for) const {
    const bool has_connection = connection != Connection::none;
    check(!subscribed || authenticated, "no account is subscribed that is not authenticated");
    check(has_connection || !authenticated, "a gap begins with the end of the connection");
    const bool waits = armed[static_cast<std::size_t>(Timer::retry)];
    if (stopped) return check(!has_connection, "who has stopped is gone");
    if (stop_was_asked_for) return check(has_connection, "a stop ends");
    check(has_connection != waits, "it has a connection, or will try again");
    if (connection == Connection::attempted || (connection == Connection::open && !accepted))
      check(armed[static_cast<std::size_t>(Timer::deadline)], "an attempt has a limit");
  }

  Connection connection = Connection::none;
  std::array<bool, timer_count> armed{};
  std::uint32_t epoch = 0;
  std::uint64_t handed_off = 0;
  bool accepted = false;  // the PBX has said something that may be taken for it
  bool authenticated = false;
  bool subscribed = false;
  bool awaits_snapshots = false;
  bool stopped = false;
};

config::PbxConfig config_of(FuzzedDataProvider& input) {
  config::PbxConfig config;
  config.name = "hq";
  config.url.value = "wss://pbx.example.com:8887/wsi";
  config.auth.username = "bridge";
  config.auth.password = config::Secret::of_value("hunter2");
  config.dialect = input.ConsumeBool() ? config::Dialect::v16 : config::Dialect::v22;
  config.subscribe_batch = input.ConsumeIntegralInRange(1U, 3U);
  return config;
}

std::vector<config::SubscribeConfig> subscriptions_of(FuzzedDataProvider& input) {
  constexpr std::string_view topics[] = {"cdr_events", "queue_events", "extension_events"};
  std::vector<config::SubscribeConfig> entries;
  for (auto count = input.ConsumeIntegralInRange(0, 3); count > 0; --count) {
    auto& entry = entries.emplace_back();
    entry.topic = input.PickValueInArray(topics);
    for (auto extensions = input.ConsumeIntegralInRange(0, 4); extensions > 0; --extensions)
      entry.extensions.push_back(std::to_string(input.ConsumeIntegralInRange(100, 104)));
    if (input.ConsumeBool()) entry.keys = {"call_cdr"};
  }
  return entries;
}

class Script {
 public:
  explicit Script(FuzzedDataProvider& input) : input_(input), config_(config_of(input)) {
    config_.subscribe = subscriptions_of(input);
    machine_.emplace(config_, [] { return 0.5; });
  }

  void run() {
    perform(machine_->start());
    while (input_.remaining_bytes() > 0 && !world_.stopped) step();
  }

 private:
  void step() {
    using Connection = World::Connection;
    const bool hears = world_.connection == Connection::open || world_.connection == Connection::closing;
    switch (input_.ConsumeIntegralInRange(0, 10)) {
      case 0:
        return connect();
      case 1:
        if (world_.connection == Connection::none) return;
        world_.connection = Connection::none;
        return perform(machine_->disconnected("it is gone"));
      case 2:
        if (world_.connection == Connection::attempted) perform(machine_->progressed("looking up pbx.example.com"));
        return;
      case 3:
        if (hears) take_frame(std::string(input_.PickValueInArray(frames)));
        return;
      case 4:
        if (hears) take_frame(input_.ConsumeRandomLengthString(200));
        return;
      case 5:
        if (hears) perform(machine_->binary_frame(""));
        return;
      case 6:
        if (hears) perform(machine_->message_too_large(input_.ConsumeIntegral<std::uint64_t>()));
        return;
      case 7:
        return perform(machine_->update_subscriptions(subscriptions_of(input_)));
      case 10:
        return perform(input_.ConsumeBool()
                           ? machine_->ask_for_queues({{"1", "8001"}, {"", input_.ConsumeRandomLengthString(8)}})
                           : machine_->ask_for_snapshots());
      case 8:
        if (input_.ConsumeIntegral<std::uint8_t>() > 240) stop_ = true;
        if (stop_) perform(machine_->stop());
        return;
      default:
        return fire(static_cast<Timer>(input_.ConsumeIntegralInRange<std::size_t>(0, timer_count - 1)));
    }
  }

  void connect() {
    if (world_.connection != World::Connection::attempted) return;
    world_.connection = World::Connection::open;
    world_.accepted = false;
    ++world_.epoch;
    perform(machine_->connected({"hunter2", ""}));
  }

  void take_frame(const std::string& frame) {
    const bool may_accept = frame.find('0') != std::string::npos && frame.find("status") != std::string::npos;
    world_.accepted = world_.accepted || may_accept;
    perform(machine_->text_frame(frame));
  }

  void fire(Timer timer) {
    bool& is_armed = world_.armed[static_cast<std::size_t>(timer)];
    if (!is_armed) return;
    is_armed = false;
    perform(machine_->timer_fired(timer));
  }

  void perform(const Actions& actions) {
    for (const Action& action : actions) std::visit(world_, action);
    world_.check_rest(stop_);
  }

  FuzzedDataProvider& input_;
  config::PbxConfig config_;
  std::optional<SessionMachine> machine_;
  World world_;
  bool stop_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  Script(input).run();
  return 0;
}
