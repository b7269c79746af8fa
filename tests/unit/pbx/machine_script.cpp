#include "machine_script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pbxbridge::pbx::test {
namespace {

std::string name(Timer timer) {
  constexpr const char* names[timer_count] = {"deadline",  "retry", "ping",    "peer_silence",
                                              "subscribe", "calm",  "farewell"};
  return names[static_cast<std::size_t>(timer)];
}

struct Line {
  std::string operator()(const action::Connect&) const { return "connect"; }
  std::string operator()(const action::SendText& what) const { return "send " + what.text; }
  std::string operator()(const action::SendPing&) const { return "ping"; }
  std::string operator()(const action::Close&) const { return "close"; }
  std::string operator()(const action::Abort&) const { return "abort"; }
  std::string operator()(const action::ArmTimer& what) const {
    return fmt::format("arm {} {}", name(what.timer), what.after.count());
  }
  std::string operator()(const action::CancelTimer& what) const { return "cancel " + name(what.timer); }
  std::string operator()(const action::HandOff& what) const {
    return fmt::format("hand off {}", what.connection_epoch);
  }
  std::string operator()(const action::WriteLog& what) const {
    return fmt::format("log {} {}", what.line.code->name, what.line.message);
  }
  std::string operator()(const action::CountUp& what) const {
    constexpr const char* names[] = {"connection", "reconnect", "connection_failure", "auth_rejection",
                                     "event_too_large"};
    return fmt::format("count {}", names[static_cast<std::size_t>(what.what)]);
  }
  std::string operator()(const action::SetAuthenticated& what) const {
    return fmt::format("authenticated {}", what.authenticated);
  }
  std::string operator()(const action::SetSubscribed& what) const {
    return fmt::format("subscribed {}", what.subscribed);
  }
  std::string operator()(const action::SetSnapshotsAsked& what) const {
    return fmt::format("snapshots asked {}", what.answered ? "and answered" : "for");
  }
  std::string operator()(const action::SetSubscriptions& what) const {
    std::array<int, enum_count<SubscriptionState>> counts{};
    for (const auto& subscription : what.subscriptions) ++counts[static_cast<std::size_t>(subscription.state)];
    return fmt::format("subscriptions {}", fmt::join(counts, " "));
  }
  std::string operator()(const action::Stopped&) const { return "stopped"; }
};

}  // namespace

std::vector<std::string> lines_of(const Actions& actions) {
  std::vector<std::string> lines;
  for (const Action& action : actions) lines.push_back(std::visit(Line{}, action));
  return lines;
}

std::vector<std::string> lines_of(const Actions& actions, const std::string& beginning) {
  std::vector<std::string> chosen;
  for (const std::string& line : lines_of(actions))
    if (line.starts_with(beginning)) chosen.push_back(line.substr(beginning.size()));
  return chosen;
}

config::PbxConfig with_subscriptions(std::vector<config::SubscribeConfig> subscribe) {
  config::PbxConfig config;
  config.name = "hq";
  config.url.value = "wss://pbx.example.com:8887/wsi";
  config.auth.username = "bridge";
  config.auth.domain = "example.com";
  config.auth.password = config::Secret::of_value("hunter2");
  config.subscribe = std::move(subscribe);
  return config;
}

config::PbxConfig one_subscription() { return with_subscriptions({{.topic = "cdr_events"}}); }

SubscribedSession::SubscribedSession(const config::PbxConfig& config, double random)
    : machine(config, [random] { return random; }) {
  machine.start();
  machine.connected({"hunter2", ""});
  machine.text_frame(config.dialect == config::Dialect::v16 ? R"({"status":0})" : accepted);
}

}  // namespace pbxbridge::pbx::test
