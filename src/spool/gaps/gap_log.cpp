#include "spool/gaps/gap_log.hpp"

#include "observe/log_format.hpp"
#include "pbxbridge/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace log_code = observe::log_code;

constexpr std::size_t most_latest = 20;

/// Finds what is missing, as far as its sequences are known: within one start of the spool none was left out, while the
/// index may have been made from what could be read.
std::vector<Segment> missing(const Damage& damage, const SegmentIndex& index) {
  if (damage.before.value == 0) return {};
  const Sequence after = std::max(damage.after, Sequence{Sequence::first_of(1).value - 1});
  const Sequence up_to = Sequence{damage.before.value - 1};
  if (after.start_epoch() != damage.before.start_epoch()) return index.between(after, up_to);
  if (up_to <= after) return {};
  return {{.first = after.next(), .last = up_to}};
}

std::optional<SystemTime> known(SystemTime time) { return time == SystemTime{} ? std::nullopt : std::optional(time); }

/// Takes the times of the events on both sides. Where there is none on one, that of the other; up to now where there
/// may be none.
std::pair<SystemTime, SystemTime> times_of(const Damage& damage, const SegmentIndex& index) {
  const bool has_end = damage.before.value != 0;
  auto begin = known(damage.begin);
  auto end = known(damage.end);
  if (!end && has_end) end = index.oldest(Sequence{damage.before.value - 1});
  if (!end) end = has_end && begin ? begin : std::chrono::system_clock::now();
  // The index knows it to within a segment.
  if (!begin) begin = std::min(index.newest(damage.after).value_or(*end), *end);
  return {*begin, *end};
}

std::uint64_t count(const std::vector<Segment>& segments) {
  std::uint64_t events = 0;
  for (const Segment& segment : segments) events += segment.events();
  return events;
}

void keep(std::map<std::uint64_t, Gap>& latest, std::uint64_t number, const Gap& gap) {
  latest.insert_or_assign(number, gap);
  if (latest.size() > most_latest) latest.erase(latest.begin());
}

}  // namespace

GapLog::GapLog(observe::Log& log, SpoolMetrics& metrics, const std::vector<std::pair<std::uint64_t, Gap>>& stored,
               Store store, OnGap on_gap)
    : log_(log), metrics_(metrics), store_(std::move(store)), on_gap_(std::move(on_gap)) {
  for (const auto& [number, gap] : stored) {
    next_number_ = std::max(next_number_, number + 1);
    keep(latest_, number, gap);
    // If its end is not known, more may have gone since.
    if (gap.reason == GapReason::corrupted && gap.before.value != 0) known_damage_.emplace(gap.after, gap.before);
  }
}

void GapLog::record(Gap gap) {
  tell(gap);
  store(next_number_++, std::move(gap));
}

void GapLog::store(std::uint64_t number, Gap gap) {
  keep(latest_, number, gap);
  store_(number, std::move(gap));
}

std::vector<Gap> GapLog::latest() const {
  std::vector<Gap> gaps;
  for (const auto& [number, gap] : latest_) gaps.push_back(gap);
  return gaps;
}

void GapLog::tell(const Gap& gap) {
  const auto reason = static_cast<std::size_t>(gap.reason);
  metrics_.gaps[reason].add();
  const auto seconds = gap.seconds();
  metrics_.gap_seconds[reason].add(seconds.value_or(0));
  log_.write(log_code::spool_gap, gap.pbx.empty() ? "" : "pbx " + gap.pbx,
             fmt::format("events are missing: {}", to_string(gap.reason)),
             {{"events", gap.events == 0 ? "not known" : std::to_string(gap.events)},
              {"seconds", seconds ? fmt::format("{:.1f}", *seconds) : "not known"},
              {"from", observe::format_time(gap.begin)},
              {"to", observe::format_time(gap.end)}});
  on_gap_(gap);
}

void GapLog::extend(Gap gap) {
  if (last_gap_ && last_gap_->reason == gap.reason && last_gap_->before == gap.after.next() && next_number_ > 0) {
    const auto reason = static_cast<std::size_t>(gap.reason);
    metrics_.gap_seconds[reason].add(std::max(0.0, std::chrono::duration<double>(gap.end - last_gap_->end).count()));
    gap.begin = last_gap_->begin;
    gap.after = last_gap_->after;
    gap.events += last_gap_->events;
    on_gap_(gap);
    store(last_number_, gap);
  } else {
    last_number_ = next_number_;
    record(gap);
  }
  last_gap_ = std::move(gap);
}

bool GapLog::rejected(const Event& event, GapReason reason, Sequence newest) {
  if (is_own(event.family())) return false;  // the PBX has pushed nothing that is missing
  if (rejected_ && rejected_->reason != reason) end_rejections();
  const bool begins = !rejected_;
  if (begins) {
    rejected_ = Gap{.reason = reason, .pbx = std::string(event.pbx()), .begin = event.received_at(), .after = newest};
    rejected_number_ = next_number_++;
    rejected_since_ = present_moment();
    rejected_stored_ = 0;
  }
  if (rejected_->pbx != event.pbx()) rejected_->pbx.clear();
  rejected_->end = event.received_at();
  rejected_->measured = measured(rejected_since_, present_moment());
  ++rejected_->events;
  return begins;
}

void GapLog::end_rejections() {
  if (!rejected_) return;
  tell(*rejected_);
  store(rejected_number_, *std::exchange(rejected_, std::nullopt));
}

void GapLog::end_rejections(GapReason reason) {
  if (rejected_ && rejected_->reason == reason) end_rejections();
}

void GapLog::store_rejections() {
  if (!rejected_ || rejected_->events == rejected_stored_) return;
  rejected_stored_ = rejected_->events;
  store(rejected_number_, *rejected_);
}

std::vector<Segment> GapLog::damaged(const Damage& damage, const SegmentIndex& index) {
  std::vector<Segment> found;
  for (const Segment& events : missing(damage, index))
    for (const Segment& part : undamaged(events)) found.push_back(part);
  if (!known_damage_.emplace(damage.after, damage.before).second) return found;
  log_.write(log_code::spool_damaged, "",
             fmt::format("part of the spool cannot be read, the rest goes on: {}", damage.reason),
             {{"after_sequence", fmt::format("{:016x}", damage.after.value)},
              {"before_sequence", fmt::format("{:016x}", damage.before.value)}});
  const auto [begin, end] = times_of(damage, index);
  record({.reason = GapReason::corrupted,
          .begin = begin,
          .end = end,
          .after = damage.after,
          .before = damage.before,
          .events = count(found)});
  return found;
}

std::vector<Segment> GapLog::undamaged(const Segment& events) const {
  std::vector<Segment> sound{events};
  for (const auto& [after, before] : known_damage_) {
    if (before.value == 0 || before <= events.first || events.last <= after) continue;
    std::vector<Segment> rest;
    for (const Segment& part : sound) {
      if (const auto older = within(part, {}, after)) rest.push_back(*older);
      if (const auto newer = within(part, Sequence{before.value - 1}, part.last)) rest.push_back(*newer);
    }
    sound = std::move(rest);
  }
  return sound;
}

}  // namespace pbxbridge::spool
