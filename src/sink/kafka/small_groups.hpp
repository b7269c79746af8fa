#pragma once

#include "pbxbridge/delivery.hpp"
#include "sink/kafka/group_limit.hpp"
#include "sink/kafka/kafka_topic.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace pbxbridge::sink {

/// Sends the topics of which a broker has rejected a batch, in groups small enough to find the records at fault. What
/// waits here delays no other topic. Deliveries are sent in the order of their tokens, so that one that is delivered
/// again comes before the newer ones of its key. Io thread only.
class SmallGroups {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// `alone`: no other record of the topic is under way, and none is sent before its outcome. False: no room now.
  using Send = std::function<bool(KafkaTopic& topic, const Delivery& delivery, bool alone)>;

  /// Asks the core to deliver it again: it waited after a rejected group, and older ones of its key have to
  /// come first.
  using GiveBack = std::function<void(std::uint64_t token)>;

  SmallGroups(Send send, GiveBack give_back) : send_(std::move(send)), give_back_(std::move(give_back)) {}

  bool empty() const { return lanes_.empty(); }
  void add(KafkaTopic& topic, const Delivery& delivery, Time now);
  /// Notes the outcome of any delivery of the sink. `send_next` is to follow once the core has delivered again what was
  /// rejected.
  void settled(std::uint64_t token, Outcome::Kind outcome);
  /// Sends the next group of each topic whose last one is settled, or has not been for long.
  void send_next(Time now);
  /// Time at which `send_next` is wanted even if no outcome comes before.
  std::optional<Time> next_check() const;

 private:
  struct Lane {
    explicit Lane(Time now) : since(now) {}

    std::map<std::uint64_t, Delivery> waiting;
    std::optional<GroupLimit> limit;          // once it is known how many were rejected
    std::unordered_set<std::uint64_t> group;  // without an outcome
    bool has_sent_group = false;              // that is not judged yet, and of which nothing is to be sent again
    bool is_alone = false;
    bool was_rejected_alone = false;
    Time since;  // start of the group, or of what was in flight before the first
  };

  bool send_next(KafkaTopic& topic, Lane& lane, Time now);
  void judge(KafkaTopic& topic, Lane& lane);
  void send_group(KafkaTopic& topic, Lane& lane);
  void send_all(KafkaTopic& topic, Lane& lane);
  bool send_first(KafkaTopic& topic, Lane& lane, bool alone);

  Send send_;
  GiveBack give_back_;
  std::unordered_map<KafkaTopic*, Lane> lanes_;
  std::unordered_map<std::uint64_t, Lane*> lane_of_;  // lanes of deliveries that are in a group
  std::optional<Time> room_wanted_at_;
};

}  // namespace pbxbridge::sink
