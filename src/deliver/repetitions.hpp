#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

namespace pbxbridge::deliver {

/// Tells which deliveries in flight were followed, or will be, by an earlier one of their key that is handed out once
/// more: these must not be the last of their key. Knows only what is repeated, and for as long as it matters; all other
/// hand-overs are counted in rounds. Pure.
class Repetitions {
 public:
  using Token = std::uint64_t;
  using Round = std::uint64_t;

  /// A delivery that is no repetition is handed out. Returns its round.
  Round hand_over() {
    ++in_flight_.back();
    return current();
  }
  /// The delivery of this round has an outcome, or was not handed out after all.
  void end(Round round);

  /// The delivery will be handed out once more.
  void expect(const std::string& key, Token token) { repetitions_[key].insert_or_assign(token, to_come); }
  /// It is handed out: all that was handed out before is of an earlier round.
  Round repeat(const std::string& key, Token token);
  /// Whether an earlier one of its key is repeated in a later round than its own.
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

  Round oldest_ = 1;                                                     // of what is in flight
  std::deque<std::size_t> in_flight_{0};                                 // of each round from the oldest on
  std::unordered_map<std::string, std::map<Token, Round>> repetitions_;  // by key
  std::deque<Repetition> handed_out_;  // those that are not forgotten, by their rounds
};

}  // namespace pbxbridge::deliver
