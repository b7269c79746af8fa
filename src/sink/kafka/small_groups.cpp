#include "sink/kafka/small_groups.hpp"

#include <algorithm>
#include <iterator>

namespace pbxbridge::sink {

namespace {

// A partition without a leader would keep its topic's others waiting forever.
constexpr std::chrono::seconds longest_wait{5};
constexpr std::chrono::milliseconds wait_for_room{20};

}  // namespace

void SmallGroups::add(KafkaTopic& topic, const Delivery& delivery, Time now) {
  lanes_.try_emplace(&topic, now).first->second.waiting.emplace(delivery.token, delivery);
}

void SmallGroups::settled(std::uint64_t token, Outcome::Kind outcome) {
  const auto found = lane_of_.find(token);
  if (found == lane_of_.end()) return;
  Lane& lane = *found->second;
  lane_of_.erase(found);
  lane.group.erase(token);
  lane.was_rejected_alone = lane.is_alone && outcome == Outcome::Kind::reject;
  if (outcome == Outcome::Kind::resend) lane.has_sent_group = false;
}

void SmallGroups::send_next(Time now) {
  room_wanted_at_.reset();
  for (auto entry = lanes_.begin(); entry != lanes_.end();)
    entry = send_next(*entry->first, entry->second, now) ? std::next(entry) : lanes_.erase(entry);
  if (room_wanted_at_) room_wanted_at_ = now + wait_for_room;
}

/// False where the topic needs no groups any more.
bool SmallGroups::send_next(KafkaTopic& topic, Lane& lane, Time now) {
  const bool is_busy = !lane.group.empty() || topic.in_flight() > 0;
  if (is_busy && !topic.is_stuck() && now - lane.since < longest_wait) return true;
  topic.set_stuck(is_busy);
  if (is_busy) {
    send_all(topic, lane);
    return true;
  }
  judge(topic, lane);
  lane.since = now;
  if (lane.waiting.empty() && lane.limit->is_over()) {
    topic.end_small_groups();
    return false;
  }
  send_group(topic, lane);
  return true;
}

void SmallGroups::judge(KafkaTopic& topic, Lane& lane) {
  const std::size_t rejected = topic.take_rejected();
  if (rejected > 0) {
    for (const auto& [token, delivery] : lane.waiting) give_back_(token);
    lane.waiting.clear();
  }
  if (!lane.limit)
    lane.limit.emplace(rejected);
  else if (rejected > 0)
    lane.limit->rejected();
  else if (lane.was_rejected_alone)
    lane.limit->rejected_alone();
  else if (lane.has_sent_group)
    lane.limit->taken();
  lane.has_sent_group = false;
  lane.was_rejected_alone = false;
}

void SmallGroups::send_group(KafkaTopic& topic, Lane& lane) {
  const std::size_t records = std::min(lane.limit->records(), lane.waiting.size());
  lane.is_alone = records == 1;
  while (lane.group.size() < records) {
    const std::uint64_t token = lane.waiting.begin()->first;
    if (!send_first(topic, lane, lane.is_alone)) return;
    lane.has_sent_group = true;
    lane.group.insert(token);
    lane_of_.emplace(token, &lane);
  }
}

void SmallGroups::send_all(KafkaTopic& topic, Lane& lane) {
  while (!lane.waiting.empty() && send_first(topic, lane, false)) continue;
}

bool SmallGroups::send_first(KafkaTopic& topic, Lane& lane, bool alone) {
  const auto first = lane.waiting.begin();
  if (send_(topic, first->second, alone)) {
    lane.waiting.erase(first);
    return true;
  }
  room_wanted_at_ = Time{};
  return false;
}

std::optional<SmallGroups::Time> SmallGroups::next_check() const {
  std::optional<Time> next = room_wanted_at_;
  for (const auto& [topic, lane] : lanes_) {
    if (lane.waiting.empty() || topic->is_stuck()) continue;
    const Time overdue = lane.since + longest_wait;
    next = next ? std::min(*next, overdue) : overdue;
  }
  return next;
}

}  // namespace pbxbridge::sink
