#include "pbx/read_pause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::pbx {

namespace code = observe::log_code;

namespace {

/// Returns the time after which a pause is more than a full queue being written down.
std::chrono::milliseconds worth_saying(std::chrono::milliseconds longest) {
  return std::min<std::chrono::milliseconds>(std::chrono::milliseconds(200), longest / 2);
}

}  // namespace

ReadPause::ReadPause(boost::asio::io_context& io, std::chrono::milliseconds longest, std::string subject,
                     observe::Log& log, observe::Counter paused_seconds, SetPaused set_paused)
    : longest_(longest),
      subject_(std::move(subject)),
      log_(log),
      paused_seconds_(paused_seconds),
      set_paused_(std::move(set_paused)),
      timer_(io.get_executor()) {}

void ReadPause::handed_off(bool room) {
  if (!room && state_ == State::reading) {
    begin();
  } else if (room && state_ == State::exhausted) {
    state_ = State::reading;
    say(code::pbx_resumed, "the spool has room again: events are accepted");
  }
}

void ReadPause::resume() {
  if (state_ != State::paused) return;
  end(State::reading);
  if (said_) say(code::pbx_resumed, "the spool has room again: reading goes on, nothing was lost");
}

void ReadPause::connection_ended() {
  if (state_ == State::paused) end(State::reading);
}

void ReadPause::stop() {
  if (state_ == State::paused)
    end(State::stopped);
  else
    state_ = State::stopped;
}

void ReadPause::begin() {
  state_ = State::paused;
  since_ = Clock::now();
  said_ = false;
  set_paused_(true);
  wait(worth_saying(longest_), &ReadPause::say_paused);
}

void ReadPause::wait(std::chrono::milliseconds time, void (ReadPause::*then)()) {
  timer_.after(time, [this, then] { (this->*then)(); });
}

void ReadPause::say_paused() {
  said_ = true;
  say(code::pbx_paused,
      fmt::format(
          "the spool takes nothing at the moment: for up to {:.3g} s nothing is read from the PBX, TCP makes it "
          "wait and nothing is lost",
          std::chrono::duration<double>(longest_).count()));
  wait(longest_ - worth_saying(longest_), &ReadPause::time_is_up);
}

void ReadPause::time_is_up() {
  end(State::exhausted);
  say(code::pbx_pause_exhausted,
      fmt::format("the spool has accepted nothing for {:.3g} s: reading goes on so that the PBX keeps the session, and "
                  "events are dropped and counted until there is room",
                  std::chrono::duration<double>(longest_).count()));
}

void ReadPause::end(State next) {
  state_ = next;
  timer_.cancel();
  paused_seconds_.add(std::chrono::duration<double>(Clock::now() - since_).count());
  set_paused_(false);
}

}  // namespace pbxbridge::pbx
