#include "status/verdict.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace pbxbridge::status {

namespace {

using std::chrono::duration;

/// Above them a sink does not keep up, as in the alerts of deploy/prometheus.
constexpr std::uint64_t much_lag_events = 5'000;
constexpr duration<double> long_lag{300};
constexpr double nearly_full = 0.9;

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string because(const std::optional<observe::Failure>& failure) {
  return failure && !failure->text.empty() ? fmt::format(": {}", failure->text) : "";
}

class Judge {
 public:
  explicit Judge(const Snapshot& snapshot) : snapshot_(snapshot) {}

  Verdict verdict() {
    judge_spool();
    for (const Pbx& pbx : snapshot_.pbxs) judge_pbx(pbx);
    for (const Sink& sink : snapshot_.sinks) judge_sink(sink);
    judge_configuration();
    std::ranges::stable_sort(verdict_.problems, std::ranges::greater(), &Problem::level);
    summarise();
    return std::move(verdict_);
  }

 private:
  void add(Level level, std::string subject, std::string text, std::optional<SystemTime> since = std::nullopt) {
    verdict_.problems.push_back({level, std::move(subject), std::move(text), since});
  }

  std::string since(SystemTime time) const { return since_text(time, snapshot_.at); }

  void judge_spool() {
    const Spool& spool = snapshot_.spool;
    if (!spool.writable)
      add(Level::failing, "spool", "The spool accepts no events: what a PBX pushes waits for a while and is then lost");
    else if (spool.max_bytes > 0 &&
             static_cast<double>(spool.bytes) >= nearly_full * static_cast<double>(spool.max_bytes))
      add(Level::warning, "spool",
          fmt::format("The spool holds {:.0f} % of what it may, and drops events when it is full",
                      100.0 * static_cast<double>(spool.bytes) / static_cast<double>(spool.max_bytes)));
  }

  void judge_pbx(const Pbx& pbx) {
    const std::string subject = "pbx " + pbx.name;
    const pbx::SessionStatus& session = pbx.session;
    if (session.state == pbx::SessionState::disconnected)
      add(Level::failing, subject,
          fmt::format("PBX {} has been disconnected since {}, and what it pushes meanwhile is lost{}", pbx.name,
                      since(session.since), because(session.last_failure)),
          session.since);
    for (const auto& subscription : session.subscriptions) {
      if (subscription.state != pbx::SubscriptionState::rejected) continue;
      add(Level::failing, subject,
          fmt::format("PBX {} has rejected the subscription to {} since {}, and none of its events come{}", pbx.name,
                      subscription.topic, since(subscription.since),
                      subscription.words.empty() ? "" : ": " + subscription.words),
          subscription.since);
    }
  }

  void judge_sink(const Sink& sink) {
    const std::string subject = "sink " + sink.name;
    const deliver::SinkStatus& loop = sink.loop;
    const std::string waiting = counted(loop.lag_events, "event") + (loop.lag_events == 1 ? " waits" : " wait");
    if (loop.state == deliver::SinkState::disconnected)
      add(Level::failing, subject,
          fmt::format("Sink {} has been disconnected since {}, and {} for it{}", sink.name, since(loop.since), waiting,
                      because(loop.last_failure)),
          loop.since);
    else if (loop.state == deliver::SinkState::stuck)
      add(Level::failing, subject,
          fmt::format("Sink {} is connected, but leaves events unacknowledged since {}, and {} for it{}", sink.name,
                      since(loop.since), waiting, because(loop.last_failure)),
          loop.since);
    else if (loop.lag > long_lag || loop.lag_events > much_lag_events)
      add(Level::failing, subject,
          fmt::format("Sink {} does not keep up: {}, the oldest for {}", sink.name, waiting, duration_text(loop.lag)));
    if (sink.dead_letters > 0)
      add(Level::warning, subject,
          fmt::format("Sink {} has rejected {}, kept as {}", sink.name, counted(sink.dead_letters, "event"),
                      sink.dead_letters == 1 ? "a dead letter" : "dead letters"));
  }

  void judge_configuration() {
    const auto& reload = snapshot_.configuration.last_reload;
    if (!reload || (reload->applied && reload->problem.empty())) return;
    add(Level::warning, "configuration",
        fmt::format("The reload at {} was {}: {}", since(reload->at),
                    reload->applied ? "applied in part" : "rejected, so that the old configuration is in force",
                    reload->problem),
        reload->at);
  }

  void summarise() {
    if (verdict_.problems.empty()) {
      verdict_.sentence = "All is well";
      return;
    }
    verdict_.level = verdict_.problems.front().level;
    verdict_.sentence = verdict_.problems.front().text;
    if (const auto others = verdict_.problems.size() - 1; others > 0)
      verdict_.sentence += fmt::format(" (and {})", counted(others, "other problem"));
  }

  const Snapshot& snapshot_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(const Snapshot& snapshot) { return Judge(snapshot).verdict(); }

std::string duration_text(duration<double> time) {
  using std::chrono::duration_cast;
  const auto seconds = std::max<std::int64_t>(0, duration_cast<std::chrono::seconds>(time).count());
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / (24 * 3600));
}

std::string since_text(SystemTime since, SystemTime now) {
  using std::chrono::floor;
  const auto seconds = floor<std::chrono::seconds>(since);
  const bool same_day = floor<std::chrono::days>(since) == floor<std::chrono::days>(now);
  const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
  return fmt::format(fmt::runtime(same_day ? "{:%H:%M:%S} UTC ({} ago)" : "{:%Y-%m-%d %H:%M:%S} UTC ({} ago)"),
                     fmt::gmtime(time), duration_text(now - since));
}

}  // namespace pbxbridge::status
