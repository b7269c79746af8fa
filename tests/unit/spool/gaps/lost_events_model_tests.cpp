// Any sequence of what can happen to a spool that is too small for what comes: each event is acknowledged, or counted
// as dropped, or still there, and only one of these, for each sink, over all processes.

#include "model_steps.hpp"
#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <rapidcheck.h>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

enum class Action : std::uint8_t { append, read, acknowledge, pass, close, kill };
constexpr std::array<std::string_view, 6> action_names = {"append", "read", "acknowledge", "pass", "close", "kill"};

std::string_view name_of(Action action) { return action_names[static_cast<std::size_t>(action)]; }

constexpr std::size_t cursor_count = 2;
constexpr std::uint64_t mebibyte = 1024 * 1024;

class SmallSpool {
 public:
  SmallSpool() {
    config_.path = directory_ / "0";
    config_.max_age = std::chrono::hours(24 * 3650);
    config_.max_size = config::ByteSize{2 * mebibyte};
    config_.sync = config::SyncMode::none;
    open();
  }

  void run(const Step<Action>& step) {
    switch (step.action) {
      case Action::append:
        return append(step.amount);
      case Action::read:
        return read(step.cursor, step.amount);
      case Action::acknowledge:
        return acknowledge(step.cursor, step.amount);
      case Action::pass:
        return pass(step.cursor, step.amount);
      case Action::close:
        end_process();
        return open();
      case Action::kill:
        return kill();
    }
  }

  void finish() {
    kill();
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor) {
      const auto rest = spool_->read_all(cursor).size();
      RC_ASSERT(acknowledged_[cursor] + told_before_[cursor] + spool_->dropped(cursor, DropReason::spool_full) + rest ==
                appended_);
    }
  }

 private:
  void open() {
    spool_ = std::make_unique<OpenSpool>(config_);
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor)
      (*spool_)->open_cursor("sink" + std::to_string(cursor), Start::earliest);
    (*spool_)->start();
  }
  void end_process() {
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor) {
      told_before_[cursor] += spool_->dropped(cursor, DropReason::spool_full);
      handed_off_[cursor].clear();
    }
    spool_.reset();
  }
  void append(std::size_t count) {
    spool_->append_and_commit(appended_, count, 15'000);
    appended_ += count;
  }
  void read(CursorId cursor, std::size_t count) {
    for (const auto& event : spool_->read_up_to(cursor, count)) handed_off_[cursor].push_back(event->sequence());
  }
  void acknowledge(CursorId cursor, std::size_t count) {
    auto& handed_off = handed_off_[cursor];
    count = std::min(count, handed_off.size());
    if (count == 0) return;
    (*spool_)->acknowledge(cursor, handed_off[count - 1]);
    acknowledged_[cursor] += count;
    handed_off.erase(handed_off.begin(), handed_off.begin() + static_cast<std::ptrdiff_t>(count));
  }
  /// All but every third, which is tried again.
  void pass(CursorId cursor, std::size_t count) {
    auto& handed_off = handed_off_[cursor];
    count = std::min(count, handed_off.size());
    if (count == 0) return;
    DeferredDeliveries deferred{handed_off[count - 1], {}};
    std::vector<Sequence> held;
    for (std::size_t place = 0; place < count; place += 3) {
      held.push_back(handed_off[place]);
      deferred.deliveries.push_back({held.back(), 1});
    }
    (*spool_)->remember_deferred(cursor, deferred);
    acknowledged_[cursor] += count - held.size();
    held.insert(held.end(), handed_off.begin() + static_cast<std::ptrdiff_t>(count), handed_off.end());
    handed_off = std::move(held);
  }
  /// Takes a moment at which the disk knows what was reported: else it may be reported again.
  void kill() {
    spool_->flush();  // may lead to removals
    spool_->flush();
    const fs::path copy = directory_ / std::to_string(++copies_);
    copy_spool(config_.path, copy);
    end_process();
    fs::remove_all(std::exchange(config_.path, copy));
    open();
  }

  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::unique_ptr<OpenSpool> spool_;
  std::array<std::vector<Sequence>, cursor_count> handed_off_;  // and not acknowledged
  std::array<std::uint64_t, cursor_count> acknowledged_{};
  std::array<std::uint64_t, cursor_count> told_before_{};
  std::uint64_t appended_ = 0;
  int copies_ = 0;
};

TEST(LostEventsModelTest, EachEventIsAcknowledgedOrCountedOrStillThere) {
  check_steps<SmallSpool>(10, any_step<Action>({{4, Action::append},
                                                {4, Action::read},
                                                {4, Action::acknowledge},
                                                {3, Action::pass},
                                                {1, Action::close},
                                                {1, Action::kill}},
                                               150, cursor_count));
}

}  // namespace
}  // namespace pbxbridge::spool
