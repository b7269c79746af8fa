#include "deliver/suspicion.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace pbxbridge::deliver {

namespace {

using namespace std::chrono_literals;
using Duration = Suspicion::Duration;

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
/// Each hang-up leaves so much less in flight: four of them find one of 5,000.
constexpr std::size_t narrowing = 8;
/// Bound of suspects that were found, beyond which nothing else is handed off until one is settled: then it may be the
/// peer that takes nothing.
constexpr std::size_t most_suspects = 16;
/// Bound of what is rejected after the last acknowledgement: by then the peer may have begun to take nothing.
constexpr unsigned most_rejected_in_a_row = 16;
constexpr Duration shortest_calm = 200ms;
constexpr Duration longest_calm = 15s;
/// A hang-up is prompt within this part of the connection's life.
constexpr int promptness = 10;
/// A network that ends each connection at one age does not live to see the next trial.
constexpr Duration longer_than(Duration age) { return age + age / 4; }
/// Waits no longer for the outcomes of the others, which one partition without a leader could keep back forever.
constexpr Duration longest_drain = 2s;
/// A peer that neither takes nor rejects the suspect is no reason to keep the others waiting.
constexpr Duration longest_trial = 5s;
/// A network that leaves no time for a trial must not keep suspects back: then they are tried first, without counting.
constexpr unsigned patience = 3;
/// Enough to reject several; a peer that ends connections for another reason is then left in peace by the back-off.
constexpr std::size_t quick_reconnects = 48;
constexpr Duration suspicious_time = 60s;

}  // namespace

std::vector<Suspicion::Token> Suspicion::suspects() const {
  std::vector<Token> tokens;
  for (const auto& [token, suspect] : suspects_) tokens.push_back(token);
  return tokens;
}

void Suspicion::suspect(Token token) { add(token, false); }

void Suspicion::clear(Token token) {
  if (uncounted_ == token) uncounted_.reset();
  remove(token);
}

void Suspicion::add(Token token, bool was_found) {
  if (suspects_.empty()) acknowledged_any_ = false;
  if (suspects_.emplace(token, Suspect{.calm = shortest_calm, .was_found = was_found}).second && was_found) ++found_;
}

void Suspicion::remove(Token token) {
  const auto suspect = suspects_.find(token);
  if (suspect == suspects_.end()) return;
  if (suspect->second.was_found) --found_;
  suspects_.erase(suspect);
}

// The connection

void Suspicion::connected(Time now) {
  connected_at_ = now;
  sign_of_life_.reset();
  is_probing_ = false;
  draining_since_.reset();
  no_trial_before_ = now;
  uncounted_.reset();
}

void Suspicion::alive(Time now) {
  is_probing_ = false;
  sign_of_life_ = now;
}

std::optional<Suspicion::Token> Suspicion::hung_up(const std::vector<Token>& in_flight, Time now,
                                                   bool may_be_a_setting) {
  makes_progress_ = false;
  may_be_a_setting_ = may_be_a_setting;
  const bool was_quiet = quiet();
  std::optional<Token> found;
  if (trial_)
    end_trial(now);
  else
    found = search(in_flight, now);
  last_in_flight_ = in_flight;
  // A peer that ends each connection at once is down, whatever was in flight.
  const bool was_of_use = sign_of_life_ || was_quiet;
  if (!quiet() && was_of_use && quick_reconnects_ > 0) {
    --quick_reconnects_;
    makes_progress_ = true;
  }
  // The next connection tells whether it was for what is in flight.
  if (quiet() && !in_flight.empty() && now >= quick_again_at_) {
    quick_again_at_ = now + suspicious_time;
    makes_progress_ = true;
  }
  return found;
}

void Suspicion::end_trial(Time now) {
  const Trial trial = *std::exchange(trial_, std::nullopt);
  Suspect& suspect = suspects_.at(trial.token);
  const Duration age = trial.begun - connected_at_;
  const Duration exposure = now - trial.begun;
  if (trial.counts && (exposure * promptness <= age || age >= longest_calm)) {
    ++suspect.hang_ups;
    uncounted_ = trial.token;
  }
  suspect.calm =
      std::clamp(std::max(longer_than(now - connected_at_), exposure * promptness), shortest_calm, longest_calm);
  passed_over_ = 0;
}

std::optional<Suspicion::Token> Suspicion::search(const std::vector<Token>& in_flight, Time now) {
  forget_hang_ups();
  ++passed_over_;
  const bool is_suspicious =
      !quiet() || (suspicious_until_ && now < *suspicious_until_) || was_in_flight_before(in_flight);
  if (in_flight.empty() || !is_suspicious) return std::nullopt;
  if (quiet()) begin(now);
  if (in_flight.size() > 1) {
    newest_candidate_ = in_flight.back();
    beyond_candidates_ = false;
    window_ = std::max<std::size_t>(1, in_flight.size() / narrowing);
    return std::nullopt;
  }
  const Token found = in_flight.front();
  if (newest_candidate_ && *newest_candidate_ <= found) newest_candidate_.reset();
  add(found, true);
  return found;
}

/// Returns whether one of them was in flight as well when the peer ended a connection before.
bool Suspicion::was_in_flight_before(const std::vector<Token>& in_flight) const {
  return std::ranges::any_of(in_flight,
                             [this](Token token) { return std::ranges::binary_search(last_in_flight_, token); });
}

void Suspicion::begin(Time now) {
  passed_over_ = 0;
  // One suspicion after the other, as an unruly network brings them, has what the first had.
  if (!suspicious_until_ || now >= *suspicious_until_) quick_reconnects_ = quick_reconnects;
  suspicious_until_ = now + suspicious_time;
}

void Suspicion::broke() {
  trial_.reset();
  makes_progress_ = false;
  forget_hang_ups();
  ++passed_over_;
}

void Suspicion::forget_hang_ups() {
  uncounted_.reset();
  for (auto& [token, suspect] : suspects_) suspect.hang_ups = 0;
}

void Suspicion::unreachable() {
  makes_progress_ = false;
  if (!uncounted_) return;
  --suspects_.at(*std::exchange(uncounted_, std::nullopt)).hang_ups;
}

// Handing off

void Suspicion::handed_off(Token token) {
  if (newest_candidate_ && token > *newest_candidate_) beyond_candidates_ = true;
}

void Suspicion::handed_off_alone(Token token, Time now) {
  trial_ = Trial{.token = token, .begun = now, .counts = now - connected_at_ >= suspects_.at(token).calm};
}

void Suspicion::settled(Token token, Outcome::Kind outcome, Time now) {
  sign_of_life_ = now;
  if (outcome == Outcome::Kind::delivered) {
    rejected_in_a_row_ = 0;
    // Hang-ups of a peer that took nothing speak against no event.
    if (!std::exchange(acknowledged_any_, true)) forget_hang_ups();
  }
  if (trial_ && trial_->token == token) trial_.reset();
  clear(token);
}

Suspicion::Step Suspicion::next(std::size_t in_flight, Time now) {
  next_at_ = Time::max();
  if (trial_) {
    next_at_ = trial_->begun + longest_trial;
    if (now < next_at_) return {};
    trial_.reset();
  }
  if (!sign_of_life_) {
    if (std::exchange(is_probing_, true)) return {};
    return {.kind = Step::Kind::probe};
  }
  if (!suspects_.empty()) {
    const auto& [token, first] = *suspects_.begin();
    if (in_flight == 0 && may_reject(first)) {
      quick_reconnects_ = quick_reconnects;
      suspicious_until_ = now + suspicious_time;
      if (++rejected_in_a_row_ >= most_rejected_in_a_row) acknowledged_any_ = false;
      return {.kind = Step::Kind::reject, .token = token};
    }
    const Time due =
        std::max(is_starved() ? connected_at_ : connected_at_ + next_to_try()->second.calm, no_trial_before_);
    if (now >= due) return try_next(in_flight, now);
    next_at_ = due;
  }
  if (newest_candidate_) return narrowed(in_flight, now);
  if (found_ > most_suspects) return {};
  return {.kind = Step::Kind::others, .window = unlimited};
}

bool Suspicion::is_starved() const { return passed_over_ >= patience; }

/// A peer that takes nothing at all is at fault itself, unless there is nothing else to send.
bool Suspicion::may_reject(const Suspect& suspect) const {
  const bool has_nothing_else = suspects_.size() == 1;
  return suspect.hang_ups >= hang_ups_to_reject && !may_be_a_setting_ && (acknowledged_any_ || has_nothing_else);
}

/// One that was tried often enough waits until another is taken.
std::map<Suspicion::Token, Suspicion::Suspect>::const_iterator Suspicion::next_to_try() const {
  const auto next =
      std::ranges::find_if(suspects_, [](const auto& each) { return each.second.hang_ups < hang_ups_to_reject; });
  return next == suspects_.end() ? suspects_.begin() : next;
}

Suspicion::Step Suspicion::try_next(std::size_t in_flight, Time now) {
  const auto& [token, suspect] = *next_to_try();
  if (in_flight > 0) {
    if (!draining_since_) draining_since_ = now;
    if (now - *draining_since_ < longest_drain) {
      next_at_ = *draining_since_ + longest_drain;
      return {};
    }
    draining_since_.reset();
    no_trial_before_ = now + 2 * longest_drain;
    next_at_ = no_trial_before_;
    return {.kind = Step::Kind::others, .window = newest_candidate_ ? window_ : unlimited};
  }
  draining_since_.reset();
  if (!is_starved() && *sign_of_life_ < connected_at_ + suspect.calm) {
    if (std::exchange(is_probing_, true)) return {};
    return {.kind = Step::Kind::probe};
  }
  return {.kind = Step::Kind::alone, .token = token};
}

/// Drains everything once after the candidates, so that the next hang-up is either theirs or another's.
Suspicion::Step Suspicion::narrowed(std::size_t in_flight, Time now) {
  if (beyond_candidates_) {
    if (!draining_since_) draining_since_ = now;
    const Time end = *draining_since_ + longest_drain;
    if (in_flight > 0 && now < end) {
      next_at_ = std::min(next_at_, end);
      return {};
    }
    draining_since_.reset();
    newest_candidate_.reset();
    return {.kind = Step::Kind::others, .window = unlimited};
  }
  return {.kind = Step::Kind::others, .window = window_};
}

}  // namespace pbxbridge::deliver
