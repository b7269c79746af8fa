#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

namespace pbxbridge::deliver {

/// Finds deliveries in flight that were followed, or will be, by an earlier one of their key that is handed off once
/// more: these must not be the last of their key. Knows only what is repeated, and for as long as it matters; all other
/// hand-overs are counted in rounds. Pure.
class Repetitions {
 public:
  using Token = std::uint64_t;
  using Round = std::uint64_t;

  /// Notes that a delivery that is no repetition is handed off. Returns its round.
  Round hand_off() {
    ++in_flight_.back();
    return current();
  }
  /// The delivery of this round has an outcome, or was not handed off after all.
  void end(Round round);

  /// The delivery will be handed off once more.
  void expect(const std::string& key, Token token) { repetitions_[key].insert_or_assign(token, to_come); }
  /// Hands it off: all that was handed off before is of an earlier round.
  Round repeat(const std::string& key, Token token);
  /// Returns whether an earlier one of its key is repeated in a later round than its own.
  bool is_followed(const std::string& key, Token token, Round round) const;

  bool empty() const { return repetitions_.empty(); }
  /// Nothing is in flight any more, and nothing is to be repeated.
  void clear();

 private:
  static constexpr Round to_come = UINT64_MAX;
  struct Repetition {
    Round round;
    std::string key;
    Token token;
  };

  Round current() const { return oldest_ + in_flight_.size() - 1; }
  void forget_old();

  Round oldest_ = 1;                      // round of the oldest in flight
  std::deque<std::size_t> in_flight_{0};  // number in flight of each round from the oldest on
  std::unordered_map<std::string, std::map<Token, Round>> repetitions_;  // by key
  std::deque<Repetition> handed_off_;  // those that are not forgotten, by their rounds
};

}  // namespace pbxbridge::deliver
