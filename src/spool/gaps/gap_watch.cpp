#include "spool/gaps/gap_watch.hpp"

#include <utility>

namespace pbxbridge::spool {

GapWatch::GapWatch(const SubscribedUntilByPbx& stored, Sequence last) {
  for (const auto& [pbx, mark] : stored) streams_[pbx] = {.on = false, .mark = mark, .after = last, .stored = mark};
}

std::optional<Gap> GapWatch::note(const std::string& pbx, SubscribedState state, const Moment& at, Sequence last) {
  const auto [position, is_first] = streams_.try_emplace(pbx);
  Stream& stream = position->second;
  const bool was_on = std::exchange(stream.on, state == SubscribedState::on);
  if (stream.on) {
    if (was_on || is_first) return std::nullopt;
    const auto took = measured(stream.mark.up_to, at);
    return Gap{.reason = stream.mark.disconnected ? GapReason::disconnected : GapReason::not_running,
               .pbx = pbx,
               .begin = stream.mark.up_to.wall,
               .end = at.wall,
               .after = stream.after,
               .measured = took};
  }
  if (was_on) {
    stream.mark = {.up_to = at, .disconnected = state == SubscribedState::lost};
    stream.after = last;
  }
  if (is_first) streams_.erase(position);
  return std::nullopt;
}

void GapWatch::store_again() {
  for (auto& [pbx, stream] : streams_) stream.stored.reset();
}

SubscribedUntilByPbx GapWatch::take_changes(const Moment& committed_up_to) {
  SubscribedUntilByPbx changes;
  for (auto& [pbx, stream] : streams_) {
    SubscribedUntil mark = stream.mark;
    if (stream.on) mark = {.up_to = committed_up_to};
    // Everything that an earlier start of the machine has marked was on the disk.
    if (measured(committed_up_to, mark.up_to).value_or(std::chrono::nanoseconds::zero()).count() > 0)
      mark.up_to = committed_up_to;
    if (stream.stored == mark) continue;
    stream.stored = mark;
    changes[pbx] = mark;
  }
  return changes;
}

}  // namespace pbxbridge::spool
