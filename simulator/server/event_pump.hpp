#pragma once

#include "pbxbridge/error.hpp"
#include "simulator/model/event.hpp"
#include "simulator/model/model.hpp"
#include "simulator/model/pace.hpp"
#include "simulator/server/options.hpp"
#include "simulator/server/replay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sim {

/// Makes events happen: lines to be replayed first, then those of the model. At a rate, its clock goes as fast as that
/// takes; at a speed, its clock follows the real one. While a client is far behind it waits and catches up later, so a
/// slow client slows everything and loses nothing. Io thread only.
class EventPump {
 public:
  struct Hooks {
    /// Pushes the event and says how many clients got it.
    std::function<std::size_t(const Replay::Push& event)> push;
    std::function<std::size_t(const EventFacts& facts, const std::string& text)> push_made_up;
    std::function<bool(const EventFacts&)> wanted;
    std::function<bool()> has_audience;         ///< returns whether a client that hears has a subscription
    std::function<void(const Event&)> unheard;  ///< nobody was entitled to it
    std::function<bool()> behind;               ///< returns whether a client has much unsent
    std::function<void(const std::string& line)> report;
    std::function<void()> done;  ///< the count or the duration is reached, or all is replayed and nothing is to come
  };

  /// `world` and `model`, which runs in it, must outlive this object.
  EventPump(boost::asio::io_context& io, const Options& options, const World& world, Model& model, Hooks hooks);

  /// Begins, or goes on with what there is now.
  void start();
  void stop();

  /// Makes events of the model from now on.
  void set_rate(double events_a_second);
  void set_speed(double speed);

  /// The model begins again, at the time that it had.
  void model_has_restarted();

  /// Pushes what the model has come to, so that nothing older can follow what is pushed next. Where that is much or a
  /// client is far behind, the model's clock stops earlier.
  void settle();

  /// Pushes what has happened already, whatever the count or the duration.
  void push_rest_of_moment();
  /// Pushes it at the end, up to the count, so that the model's state is that of what was pushed. Does nothing where
  /// prepared events are repeated: the model's state says nothing of those.
  void end_moment();

  /// Adds the file's events to what `start` pushes. How many, or why not.
  Result<std::size_t> replay(const std::filesystem::path& file) { return replay_.add(file, world_, dialect_); }
  bool replays_recording() const { return replay_.is_recording(); }

 private:
  using Clock = Pace::Clock;

  void prepare(std::size_t count);
  void run();
  void schedule();
  bool push_next();
  bool replayed_is_due();
  bool push_replayed();
  bool push_prepared();
  bool push_at_rate();
  bool push_until(Time time);
  bool push_of_this_moment();
  bool tell(const Event& event);
  Time model_time() const;
  Clock::duration until_next();
  bool nothing_to_come() const;
  bool finished() const;
  bool is_counted_out() const { return count_ && made_up_ >= *count_; }
  void tell_finished();

  const World& world_;
  Model& model_;
  Dialect dialect_;
  Hooks hooks_;
  boost::asio::steady_timer timer_;
  Pace pace_;
  double speed_;
  Clock::time_point speed_since_{};
  Time model_since_{};
  std::optional<std::uint64_t> count_;  ///< of the model's events
  std::optional<std::chrono::duration<double>> duration_;
  bool generate_;
  bool started_ = false;
  bool stopped_ = false;
  bool finish_told_ = false;
  std::uint64_t made_up_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t unwanted_ = 0;   ///< events in a row that nobody got
  std::uint64_t unclaimed_ = 0;  ///< replayed lines that nobody was entitled to
  Clock::time_point started_at_{};
  std::vector<Event> prepared_;
  std::size_t next_prepared_ = 0;
  Replay replay_;
};

}  // namespace pbxbridge::sim
