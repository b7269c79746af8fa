#include "status/snapshot_json.hpp"

#include "observe/log_format.hpp"
#include "status/verdict.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace pbxbridge::status {

namespace {

using nlohmann::ordered_json;

template <class T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json time(SystemTime at) { return observe::format_time(at); }
ordered_json time(const std::optional<SystemTime>& at) { return at ? time(*at) : ordered_json(nullptr); }

ordered_json name_or_null(const std::string& text) { return text.empty() ? ordered_json(nullptr) : ordered_json(text); }

ordered_json to_object(const Rate& rate) {
  return {{"over_10_seconds", rate.over_10_seconds}, {"over_1_minute", rate.over_1_minute}};
}

ordered_json to_object(const Percentiles& percentiles) {
  return {{"p50", or_null(percentiles.p50)}, {"p99", or_null(percentiles.p99)}};
}

ordered_json to_object(const std::optional<observe::Failure>& failure) {
  if (!failure) return nullptr;
  return {{"at", time(failure->at)}, {"text", failure->text}};
}

ordered_json to_object(const Verdict& verdict) {
  auto problems = ordered_json::array();
  for (const Problem& problem : verdict.problems)
    problems.push_back({{"level", to_string(problem.level)},
                        {"subject", problem.subject},
                        {"text", problem.text},
                        {"since", time(problem.since)}});
  return {{"level", to_string(verdict.level)}, {"sentence", verdict.sentence}, {"problems", std::move(problems)}};
}

ordered_json to_object(const Process& process) {
  return {{"version", process.version},
          {"started_at", time(process.started_at)},
          {"cpu_seconds", process.usage.cpu_seconds},
          {"resident_bytes", process.usage.resident_bytes},
          {"open_files", process.usage.open_files},
          {"open_files_limit", process.usage.open_files_limit}};
}

ordered_json to_object(const Configuration& configuration) {
  ordered_json reload;
  if (const auto& last = configuration.last_reload)
    reload = {{"at", time(last->at)}, {"applied", last->applied}, {"problem", name_or_null(last->problem)}};
  return {{"file", configuration.file},
          {"hash", configuration.hash},
          {"loaded_at", time(configuration.loaded_at)},
          {"last_reload", std::move(reload)}};
}

ordered_json to_object(const Pbx& pbx) {
  auto subscriptions = ordered_json::array();
  for (const auto& subscription : pbx.session.subscriptions)
    subscriptions.push_back({{"topic", subscription.topic},
                             {"selector", name_or_null(subscription.selector)},
                             {"state", to_string(subscription.state)},
                             {"since", time(subscription.since)},
                             {"words", name_or_null(subscription.words)}});
  return {{"name", pbx.name},
          {"account", pbx.account},
          {"state", to_string(pbx.session.state)},
          {"since", time(pbx.session.since)},
          {"connection_epoch", pbx.session.connection_epoch},
          {"events_per_second", to_object(pbx.received)},
          {"events", pbx.events},
          {"last_event_at", time(pbx.last_event)},
          {"last_failure", to_object(pbx.session.last_failure)},
          {"subscriptions", std::move(subscriptions)}};
}

ordered_json to_object(const Sink& sink) {
  return {{"name", sink.name},
          {"type", sink.type},
          {"state", to_string(sink.loop.state)},
          {"since", time(sink.loop.since)},
          {"peer", name_or_null(sink.loop.peer)},
          {"deliveries_per_second", {{"in", to_object(sink.in)}, {"out", to_object(sink.out)}}},
          {"lag", {{"events", sink.loop.lag_events}, {"seconds", sink.loop.lag.count()}}},
          {"in_flight", sink.loop.in_flight},
          {"acknowledgement_seconds", to_object(sink.acknowledgement)},
          {"delivered", sink.delivered},
          {"retried", sink.retried},
          {"rejected", sink.rejected},
          {"dropped", sink.dropped},
          {"dead_letters", sink.dead_letters},
          {"last_failure", to_object(sink.loop.last_failure)}};
}

ordered_json to_object(const Route& route) {
  return {{"number", route.number},
          {"line", route.line},
          {"match", route.match},
          {"sinks", route.sinks},
          {"events", route.events}};
}

ordered_json to_object(const Spool& spool) {
  return {{"type", spool.type},
          {"writable", spool.writable},
          {"events", spool.events},
          {"bytes", spool.bytes},
          {"max_bytes", spool.max_bytes},
          {"queued_events", spool.queued_events},
          {"oldest_seconds", spool.oldest_seconds},
          {"commit_seconds", to_object(spool.commit)},
          {"free_bytes", or_null(spool.free_bytes)}};
}

ordered_json to_object(const spool::Gap& gap) {
  return {{"reason", to_string(gap.reason)},
          {"pbx", name_or_null(gap.pbx)},
          {"begin", time(gap.begin)},
          {"end", time(gap.end)},
          {"seconds", or_null(gap.seconds())},
          {"events", gap.events == 0 ? ordered_json(nullptr) : ordered_json(gap.events)}};
}

ordered_json to_object(const deliver::Rejection& rejection, const std::string& sink) {
  return {{"at", time(rejection.at)},
          {"sink", sink},
          {"event_id", rejection.event_id},
          {"event_type", rejection.event_type},
          {"family", to_string(rejection.family)},
          {"reason", rejection.reason}};
}

template <class T>
ordered_json to_array(const std::vector<T>& values) {
  auto array = ordered_json::array();
  for (const T& value : values) array.push_back(to_object(value));
  return array;
}

ordered_json rejections_of(const std::vector<Sink>& sinks) {
  auto array = ordered_json::array();
  for (const LatestRejection& latest : latest_rejections(sinks))
    array.push_back(to_object(*latest.rejection, *latest.sink));
  return array;
}

}  // namespace

std::string to_json(const Snapshot& snapshot) {
  const ordered_json document = {{"version", json_version},
                                 {"at", time(snapshot.at)},
                                 {"verdict", to_object(judge(snapshot))},
                                 {"process", to_object(snapshot.process)},
                                 {"configuration", to_object(snapshot.configuration)},
                                 {"pbxs", to_array(snapshot.pbxs)},
                                 {"sinks", to_array(snapshot.sinks)},
                                 {"routes", to_array(snapshot.routes)},
                                 {"spool", to_object(snapshot.spool)},
                                 {"gaps", to_array(snapshot.gaps)},
                                 {"rejections", rejections_of(snapshot.sinks)}};
  // A name from a PBX may not be UTF-8.
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace pbxbridge::status
