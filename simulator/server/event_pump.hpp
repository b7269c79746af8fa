#pragma once

#include "pbxbridge/error.hpp"
#include "simulator/model/generator.hpp"
#include "simulator/model/pace.hpp"
#include "simulator/server/options.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::sim {

/// Makes events happen at a rate: lines to be replayed first, made-up ones then. While a client is far behind it waits
/// and catches up later, so a slow client slows everything and loses nothing. Io thread only.
class EventPump {
 public:
  struct Hooks {
    /// Pushes the frame and says how many clients got it.
    std::function<std::size_t(const EventFacts& facts, const std::string& text)> push;
    std::function<std::size_t(const EventFacts& facts, const std::string& text)> push_made_up;
    std::function<bool(const EventFacts&)> wanted;
    std::function<bool()> behind;  ///< returns whether a client has much unsent
    std::function<void(const std::string& line)> report;
    std::function<void()> done;  ///< the count is reached, or all is replayed and nothing made up is to come
  };

  EventPump(boost::asio::io_context& io, const Options& options, World& world, Hooks hooks);

  /// Begins, or goes on with what there is now.
  void start();
  void stop();

  /// From now on, made-up events.
  void set_rate(double events_a_second);

  /// Adds the file's lines to what `start` pushes. How many lines, or why not.
  Result<std::size_t> replay(const std::filesystem::path& file);

 private:
  void run();
  void schedule();
  bool push_next();
  const Generator::Event* make_up();  ///< null where nobody wants one
  bool push_replayed();
  bool finished() const;
  void tell_finished();

  World& world_;
  Dialect dialect_;
  Generator generator_;
  Hooks hooks_;
  boost::asio::steady_timer timer_;
  Pace pace_;
  std::optional<std::uint64_t> count_;  ///< of made-up events
  bool generate_;
  bool started_ = false;
  bool stopped_ = false;
  bool finish_told_ = false;
  std::uint64_t made_up_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t unclaimed_ = 0;  ///< replayed lines that nobody was entitled to
  Pace::Clock::time_point started_at_{};
  std::optional<Generator::Event> made_;
  std::vector<Generator::Event> prepared_;
  std::size_t next_prepared_ = 0;
  struct ReplayedLine {
    const EventFacts* facts;  ///< one of `replayed_facts_`: millions of lines are about few things
    std::string text;
  };
  std::set<EventFacts> replayed_facts_;
  std::deque<ReplayedLine> replayed_;
};

}  // namespace pbxbridge::sim
