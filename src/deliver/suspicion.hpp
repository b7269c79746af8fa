#pragma once

#include "deliver/delivery_queue.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace pbxbridge::deliver {

/// Finds the delivery that a peer answers by ending the connection, as some brokers do with what they reject, and
/// tells it from a peer or a network that fails by itself. Pure: without a clock, a socket or a queue.
///
/// Two connections in a row that the peer ended with the same delivery in flight begin it. The window shrinks with
/// each further one, until the connection ends with one delivery in flight: that is the suspect. It is set apart with
/// its key, and the others pass. Then it is tried alone. A hang-up counts as its own only on a connection that
/// - lived for a while with all others, longer than the one that the suspect ended before,
/// - had everything else acknowledged and answered a probe just before, and
/// - ended promptly: within a tenth of the time for which it had lived.
/// Three of those reject it. A connection that ends without it voids what was counted so far, and so does one that
/// cannot be made again for the last. A network that ends connections by itself at any moment therefore rejects
/// nothing: at the most one in thirty of its outages can look so, whatever its period, and three in a row must.
class Suspicion {
 public:
  using Time = DeliveryQueue::Time;
  using Duration = Time::duration;
  using Token = DeliveryQueue::Token;

  static constexpr unsigned hang_ups_to_reject = 3;

  /// Nothing is suspected: no call is needed until a connection ends.
  bool quiet() const { return suspects_.empty() && !newest_candidate_; }
  /// Deliveries to set apart, oldest first.
  std::vector<Token> suspects() const;
  /// Makes a delivery that is not in flight a suspect, for what is known of its topic.
  void suspect(Token token);
  /// It is none any more, and was not tried.
  void clear(Token token);

  void connected(Time now);
  /// The peer answered a probe.
  void alive(Time now);
  /// The peer ended a standing connection. `in_flight`: oldest first. Returns the delivery that is suspect from now on.
  /// `may_be_a_setting`: it has taken none of this kind yet, and may end the connection for each.
  std::optional<Token> hung_up(const std::vector<Token>& in_flight, Time now, bool may_be_a_setting = false);
  /// A standing connection ended in a way that says nothing about what was in flight: silence, for example.
  void broke();
  /// A connection could not be made.
  void unreachable();
  /// Returns whether the next connection is to be made without a longer back-off: the search goes on, and the peer is
  /// there.
  bool makes_progress() const { return makes_progress_; }

  /// Notes a delivery that was handed off other than by `alone`.
  void handed_off(Token token);
  void handed_off_alone(Token token, Time now);
  /// The sink had no room for it after all.
  void put_back() { trial_.reset(); }
  /// The delivery has an outcome.
  void settled(Token token, Outcome::Kind outcome, Time now);

  struct Step {
    enum class Kind {
      others,  ///< hand off what is not suspect, with at most `window` in flight
      probe,   ///< ask the peer for a sign of life, once
      alone,   ///< hand off the suspect `token`
      reject,  ///< reject the suspect `token`
      wait,    ///< hand off nothing
    };
    Kind kind = Kind::wait;
    std::size_t window = 0;
    Token token = 0;
  };
  /// Decides what to do on a standing connection with so many deliveries in flight. To be asked again after each event.
  Step next(std::size_t in_flight, Time now);
  /// Time at which to ask again although nothing has happened.
  Time next_at() const { return next_at_; }

 private:
  struct Suspect {
    unsigned hang_ups = 0;  // that count
    Duration calm;          // for which a connection must have lived before it is tried
    bool was_found = true;  // by a search
  };

  bool was_in_flight_before(const std::vector<Token>& in_flight) const;
  void end_trial(Time now);
  std::optional<Token> search(const std::vector<Token>& in_flight, Time now);
  void add(Token token, bool was_found);
  void forget_hang_ups();
  void remove(Token token);
  void begin(Time now);
  bool may_reject(const Suspect& suspect) const;
  Step narrowed(std::size_t in_flight, Time now);
  std::map<Token, Suspect>::const_iterator next_to_try() const;
  Step try_next(std::size_t in_flight, Time now);
  bool is_starved() const;

  std::map<Token, Suspect> suspects_;
  std::size_t found_ = 0;                  // of these, by a search
  std::optional<Token> newest_candidate_;  // while the window is narrowed: until all up to it were handed off
  std::size_t window_ = 0;                 // while it is narrowed
  bool beyond_candidates_ = false;         // the deliveries in flight are the last that the narrow window is for
  std::vector<Token> last_in_flight_;      // when the peer last ended a connection

  // State of this connection.
  Time connected_at_{};
  std::optional<Time> sign_of_life_;
  bool is_probing_ = false;
  std::optional<Time> draining_since_;
  Time no_trial_before_{};
  struct Trial {
    Token token;
    Time begun;
    bool counts;
  };
  std::optional<Trial> trial_;
  Time next_at_ = Time::max();

  std::optional<Token> uncounted_;    // suspect whose last hang-up counts once the peer is reached again
  bool acknowledged_any_ = false;     // since the first of these suspects
  unsigned rejected_in_a_row_ = 0;    // since the last acknowledgement
  bool may_be_a_setting_ = false;     // as the peer hung up last
  unsigned passed_over_ = 0;          // connections that ended since a suspect was tried
  std::size_t quick_reconnects_ = 0;  // that are left
  bool makes_progress_ = false;
  Time quick_again_at_{};                 // until then a first hang-up is followed by the back-off
  std::optional<Time> suspicious_until_;  // the first hang-up begins it
};

}  // namespace pbxbridge::deliver
