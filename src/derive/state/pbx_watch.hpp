#pragma once

#include "derive/state/named_queues.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace pbxbridge::derive::state {

/// Does not go back or jump, as the time of day may.
using SteadyTime = std::chrono::steady_clock::time_point;

/// Numbers the stretches of time of one PBX in which no event is missing, from 1.
using Stretch = std::uint64_t;

/// Things that the snapshots of a connection list.
enum class Listed : std::uint8_t { extensions, queues };

/// Knows what the connections of one PBX say about rows that nothing is heard of: which of them a snapshot should have
/// named, and which calls may have ended unheard.
class PbxWatch {
 public:
  /// Time after the last snapshot of a connection until what no snapshot has named is gone: they come in
  /// parts.
  static constexpr std::chrono::seconds settling_time{10};

  /// An event of this connection has come. Epochs of another session begin again.
  void heard(std::uint32_t connection_epoch) {
    if (is_heard_ && epoch_ == connection_epoch) return;
    begin_connection();
    is_heard_ = true;
    epoch_ = connection_epoch;
  }
  void snapshot(Listed what) {
    List& list = list_of(what);
    list.is_told = list.has_snapshot = true;
    list.settles_from.reset();
  }
  /// Called where the snapshots may not all have come, or not all will: of this connection nothing is taken for gone.
  void snapshots_incomplete(Listed what) { list_of(what).is_incomplete = true; }
  void snapshots_incomplete() {
    for (auto& list : lists_) list.is_incomplete = true;
  }
  /// All subscriptions have their answers, or no longer.
  void subscribed(bool is_subscribed) {
    is_subscribed_ = is_subscribed;
    settle_again();
    if (is_subscribed) return note_gap(connected_in_);
    begin_connection();
    is_heard_ = false;
  }
  /// The PBX is to push its snapshots once more on this connection; `is_answered`: it has answered each subscribe that
  /// asks for them.
  void snapshots_asked(bool is_answered) {
    is_answered_ = is_answered;
    if (is_answered) return settle_again();
    connected_in_ = ++stretch_;
    lists_ = {};
    named_queues_.clear();
  }
  /// An event of this connection was rejected, whatever it said.
  void event_lost(std::uint32_t connection_epoch) {
    heard(connection_epoch);
    snapshots_incomplete();
    note_gap(++stretch_);
  }
  /// The PBX is read from, or not for now.
  void read(bool is_read) {
    is_read_ = is_read;
    settle_again();
  }

  std::uint32_t connection_epoch() const { return epoch_; }
  Stretch stretch() const { return stretch_; }
  /// Returns whether what was seen last in that stretch was seen on this connection.
  bool is_of_connection(Stretch seen) const { return seen >= connected_in_; }
  bool has_snapshot(Listed what) { return list_of(what).has_snapshot; }
  NamedQueues& named_queues() { return named_queues_; }
  /// Rows that were seen last in an earlier stretch are gone. Nothing: that is not known.
  std::optional<Stretch> gone_before(Listed what, SteadyTime now) {
    List& list = list_of(what);
    if (list.is_listed) return connected_in_;
    return list.is_told && !list.is_incomplete && has_settled(list, now) ? std::optional(connected_in_) : std::nullopt;
  }
  /// Snapshots do not tell which of the rows that were seen last in an earlier stretch are gone: none has come, or not
  /// all. Returned once for a connection.
  std::optional<Stretch> take_unlisted_before(Listed what, SteadyTime now) {
    List& list = list_of(what);
    const bool is_complete = list.has_snapshot && !list.is_incomplete;
    if (is_complete || list.is_taken || stretch_ != connected_in_ || !has_settled(list, now)) return std::nullopt;
    list.is_taken = true;
    return connected_in_;
  }
  /// All that there is was listed in another way: the rest of what was seen last before that stretch is gone. Of no
  /// effect where events were missed since.
  void listed(Listed what, Stretch before) { list_of(what).is_listed = before == stretch_; }
  void removed(Listed what) { list_of(what).is_told = list_of(what).is_listed = false; }
  /// Calls that were seen last in an earlier stretch are orphans. Nothing: none are.
  std::optional<Stretch> orphaned_before(SteadyTime now, std::chrono::milliseconds orphan_after) {
    std::optional<Stretch> before;
    for (auto& gap : gaps_) {
      if (!gap.ended_at) gap.ended_at = now;
      if (gap.is_known || now >= *gap.ended_at + orphan_after) before = gap.next;
    }
    return before;
  }
  /// Calls that were seen last in an earlier stretch may have ended unheard, while later ends are heard. Each stretch
  /// is returned once.
  std::optional<Stretch> take_doubted_before() {
    if (!is_subscribed_ || gaps_.empty() || gaps_.back().next <= doubted_before_) return std::nullopt;
    doubted_before_ = gaps_.back().next;
    return doubted_before_;
  }
  /// Calls that were seen last in an earlier stretch have ended: orphans need not be waited for.
  void calls_have_ended(Stretch before) {
    for (auto& gap : gaps_)
      if (gap.next <= before) gap.is_known = true;
  }
  void orphans_closed(Stretch before) {
    std::erase_if(gaps_, [before](const Gap& gap) { return gap.next <= before; });
  }

 private:
  /// More gaps than that within `orphan_after` are taken together.
  static constexpr std::size_t gaps_max = 32;

  // The times are those at which the passing of time is noticed next.
  struct List {
    bool is_told = false;  // and what is not in it was not yet removed
    bool has_snapshot = false;
    bool is_incomplete = false;
    bool is_taken = false;   // the question for a list
    bool is_listed = false;  // and what is not in that list was not yet removed
    std::optional<SteadyTime> settles_from = {};
  };
  struct Gap {
    Stretch next;  // after it
    std::optional<SteadyTime> ended_at = {};
    bool is_known = false;  // it is known which calls ended in it
  };

  List& list_of(Listed what) { return lists_[static_cast<std::size_t>(what)]; }
  bool has_settled(List& list, SteadyTime now) const {
    if (!is_subscribed_ || !is_answered_ || !is_read_) return false;
    if (!list.settles_from) list.settles_from = now;
    return now >= *list.settles_from + settling_time;
  }
  void begin_connection() {
    connected_in_ = ++stretch_;
    lists_ = {};
    named_queues_.clear();
    is_answered_ = true;
  }
  void settle_again() {
    for (auto& list : lists_) list.settles_from.reset();
  }
  void note_gap(Stretch next) {
    if (gaps_.size() >= gaps_max) gaps_.pop_back();
    gaps_.push_back({next});
  }

  std::uint32_t epoch_ = 0;
  bool is_heard_ = false;
  bool is_subscribed_ = false;
  bool is_answered_ = true;  // where snapshots were asked for once more
  bool is_read_ = true;
  Stretch stretch_ = 1;
  Stretch connected_in_ = 1;  // or since the snapshots were asked for once more
  std::array<List, 2> lists_;
  NamedQueues named_queues_;
  std::vector<Gap> gaps_;  // oldest first
  Stretch doubted_before_ = 0;
};

}  // namespace pbxbridge::derive::state
