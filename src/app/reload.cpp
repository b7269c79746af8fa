#include "app/reload.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace pbxbridge::app {

namespace {

template <class Visit>
void for_each_that_leaves(const Changes& changes, Visit visit) {
  for (const auto* names : {&changes.removed, &changes.changed})
    for (const std::string& name : *names) visit(name);
}

std::size_t count_leaving(const Changes& changes) { return changes.removed.size() + changes.changed.size(); }

}  // namespace

void Reload::begin(ReloadDifference difference, std::chrono::milliseconds timeout, std::function<void()> done) {
  difference_ = std::move(difference);
  done_ = std::move(done);
  sinks_left_ = count_leaving(difference_.sinks);
  sessions_left_ = count_leaving(difference_.pbxs);
  announce();
  for_each_that_leaves(difference_.sinks, [&](const std::string& name) {
    parts_.sinks.at(name)->stop(deliver::SinkLoop::StopMode::at_once, timeout,
                                [this, name](std::uint64_t) { later([this, name] { sink_closed(name); }); });
  });
  for_each_that_leaves(difference_.pbxs, [&](const std::string& name) {
    parts_.sessions.at(name)->stop([this, name] { later([this, name] { session_stopped(name); }); });
  });
  if (sinks_left_ == 0) start_sinks();
  if (sessions_left_ == 0) start_sessions();
  finish_if_done();
}

void Reload::announce() {
  for (const std::string& name : difference_.sinks.removed) parts_.intake.remove_sink(name);
  for (const std::string& name : difference_.pbxs.removed) parts_.intake.stopping(name);
  for (const std::string& name : difference_.sinks.added) {
    parts_.intake.add_sink(name, parts_.metrics.sink(name));
    parts_.sinks.emplace(name, parts_.make_sink(name));
  }
  for (const std::string& name : difference_.pbxs.added) {
    parts_.intake.add_pbx(name, parts_.metrics.pbx(name));
    parts_.sessions.emplace(name, parts_.make_session(name));
  }
}

/// Whoever calls back is not to be destroyed from within its own call.
void Reload::later(std::function<void()> function) {
  boost::asio::post(io_, lifetime_.guard([this, function = std::move(function)] {
    if (done_) function();
  }));
}

void Reload::sink_closed(const std::string& name) {
  if (std::ranges::binary_search(difference_.sinks.removed, name)) {
    const auto sink = parts_.sinks.find(name);
    parts_.spool.remove_cursor(sink->second->cursor());
    parts_.sinks.erase(sink);
    parts_.metrics.forget_sink(name);
  }
  if (--sinks_left_ == 0) start_sinks();
  finish_if_done();
}

void Reload::session_stopped(const std::string& name) {
  if (std::ranges::binary_search(difference_.pbxs.removed, name)) {
    parts_.sessions.erase(name);
    parts_.intake.remove_pbx(name);
    parts_.metrics.forget_pbx(name);
  }
  if (--sessions_left_ == 0) start_sessions();
  finish_if_done();
}

void Reload::start_sinks() {
  for (const std::string& name : difference_.sinks.changed) {
    auto next = parts_.make_sink(name);  // before the other goes, which is told what its cursor has missed
    parts_.sinks.at(name) = std::move(next);
  }
  for (const auto* names : {&difference_.sinks.changed, &difference_.sinks.added})
    for (const std::string& name : *names) parts_.sinks.at(name)->start();
}

void Reload::start_sessions() {
  for (const std::string& name : difference_.pbxs.changed) parts_.sessions.at(name) = parts_.make_session(name);
  for (const auto* names : {&difference_.pbxs.changed, &difference_.pbxs.added})
    for (const std::string& name : *names) parts_.sessions.at(name)->start();
}

void Reload::finish_if_done() {
  if (sinks_left_ == 0 && sessions_left_ == 0) std::exchange(done_, nullptr)();
}

void Reload::abandon() {
  if (!std::exchange(done_, nullptr)) return;
  // They deliver within the time for stopping what others do.
  if (sinks_left_ > 0)
    for (const std::string& name : difference_.sinks.added) parts_.sinks.at(name)->start();
}

}  // namespace pbxbridge::app
