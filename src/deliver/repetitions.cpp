#include "deliver/repetitions.hpp"

#include <algorithm>

namespace pbxbridge::deliver {

void Repetitions::end(Round round) {
  --in_flight_[round - oldest_];
  if (in_flight_.front() > 0 || in_flight_.size() == 1) return;
  while (in_flight_.front() == 0 && in_flight_.size() > 1) {
    in_flight_.pop_front();
    ++oldest_;
  }
  forget_old();
}

Repetitions::Round Repetitions::repeat(const std::string& key, Token token) {
  in_flight_.push_back(0);
  const Round round = hand_off();
  repetitions_[key].insert_or_assign(token, round);
  handed_off_.push_back({round, key, token});
  return round;
}

bool Repetitions::is_followed(const std::string& key, Token token, Round round) const {
  const auto of_key = repetitions_.find(key);
  if (of_key == repetitions_.end()) return false;
  return std::any_of(of_key->second.begin(), of_key->second.lower_bound(token),
                     [round](const auto& repetition) { return repetition.second > round; });
}

/// Nothing in flight was handed off before them.
void Repetitions::forget_old() {
  for (; !handed_off_.empty() && handed_off_.front().round <= oldest_; handed_off_.pop_front()) {
    const Repetition& old = handed_off_.front();
    const auto of_key = repetitions_.find(old.key);
    if (of_key == repetitions_.end()) continue;
    const auto repetition = of_key->second.find(old.token);
    if (repetition == of_key->second.end() || repetition->second != old.round) continue;
    of_key->second.erase(repetition);
    if (of_key->second.empty()) repetitions_.erase(of_key);
  }
}

void Repetitions::clear() {
  oldest_ = current();
  in_flight_.assign(1, 0);
  repetitions_.clear();
  handed_off_.clear();
}

}  // namespace pbxbridge::deliver
