// Any sequence of what can happen to a spool, against a model that is a list of numbers and two positions in it.

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

enum class Action : std::uint8_t { append, read, acknowledge, close, copy, tear };
constexpr std::array<std::string_view, 6> action_names = {"append", "read", "acknowledge", "close", "copy", "tear"};

std::string_view name_of(Action action) { return action_names[static_cast<std::size_t>(action)]; }

constexpr std::size_t cursor_count = 2;

class ModelledSpool {
 public:
  ModelledSpool() {
    config_.path = directory_ / "0";
    config_.max_age = std::chrono::hours(24 * 3650);
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
      case Action::close:
        spool_.reset();
        return open();
      case Action::copy:
        spool_->flush();
        return go_on_with_a_copy(0);
      case Action::tear:
        spool_->flush();
        return go_on_with_a_copy(step.amount * 97);
    }
  }

  /// Both cursors get all that they have not acknowledged, in order.
  void finish() {
    spool_.reset();
    open();
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor) {
      read(cursor, events_.size());
      RC_ASSERT(read_[cursor] == events_.size());
    }
  }

 private:
  struct Accepted {
    std::int64_t number = 0;
    Sequence sequence;  ///< once it was read
  };

  void open() {
    spool_ = std::make_unique<OpenSpool>(config_);
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor) {
      (*spool_)->open_cursor("sink" + std::to_string(cursor), Start::latest);
      read_[cursor] = acknowledged_[cursor];
    }
    (*spool_)->start();
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor)
      RC_ASSERT((*spool_)->unread(cursor) == events_.size() - acknowledged_[cursor]);
  }

  void append(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      spool_->append(static_cast<std::uint64_t>(next_number_), 1, 100 + (i * 7919) % 15'000);
      events_.push_back({next_number_++, {}});
    }
    spool_->flush();
  }

  void read(CursorId cursor, std::size_t count) {
    count = std::min(count, events_.size() - read_[cursor]);
    for (const auto& event : spool_->read_events(cursor, count)) {
      Accepted& expected = events_[read_[cursor]++];
      RC_ASSERT(number_of(*event) == expected.number);
      if (expected.sequence.value == 0) {
        RC_ASSERT(event->sequence() > newest_);
        newest_ = expected.sequence = event->sequence();
      }
      RC_ASSERT(event->sequence() == expected.sequence);
    }
  }

  void acknowledge(CursorId cursor, std::size_t count) {
    const std::size_t position = std::min(acknowledged_[cursor] + count, read_[cursor]);
    if (position == 0) return;
    (*spool_)->acknowledge(cursor, events_[position - 1].sequence);
    acknowledged_[cursor] = std::max(acknowledged_[cursor], position);
    const auto after = *std::min_element(acknowledged_.begin(), acknowledged_.end());
    RC_ASSERT((*spool_)->stats().events >= events_.size() - after);
  }

  /// Goes on as after a stop of the machine, its newest `torn` bytes not on the disk.
  void go_on_with_a_copy(std::uintmax_t torn) {
    const fs::path copy = directory_ / std::to_string(++copies_);
    copy_spool(config_.path, copy);
    const fs::path old = std::exchange(config_.path, copy);
    if (torn > 0) {
      tear(copy, torn);
      forget_what_was_torn_off();
    }
    open();
    fs::remove_all(old);
  }

  static void tear(const fs::path& spool, std::uintmax_t bytes) {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(spool / "store"))
      if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
    const auto size = fs::file_size(newest);
    fs::resize_file(newest, size - std::min(bytes, size));
  }

  /// A torn spool holds a prefix of what it held, and cursors that are no farther than they were. The sequences that
  /// were seen count on: they must not come again.
  void forget_what_was_torn_off() {
    const auto store = BatchStore::open(config_.path, BatchStore::Access::read_only);
    RC_ASSERT(bool(store));
    RC_ASSERT((*store)->damages().empty());
    std::int64_t newest_number = -1;
    Sequence position;
    while (true) {
      const auto chunk = (*store)->read(position, 1 << 20);
      RC_ASSERT(bool(chunk));
      for (const auto& event : chunk->events) newest_number = std::max(newest_number, number_of(*event));
      if (!chunk->events.empty()) position = chunk->events.back()->sequence();
      if (chunk->at_end) break;
    }
    const std::size_t removed = *std::min_element(acknowledged_.begin(), acknowledged_.end());
    const auto lost = std::find_if(events_.begin() + static_cast<std::ptrdiff_t>(removed), events_.end(),
                                   [&](const Accepted& event) { return event.number > newest_number; });
    events_.erase(lost, events_.end());
    for (CursorId cursor = 0; cursor < cursor_count; ++cursor) {
      const auto stored = (*store)->cursors().find("sink" + std::to_string(cursor));
      const Sequence at = stored == (*store)->cursors().end() ? Sequence{} : stored->second;
      std::size_t acknowledged = 0;
      while (acknowledged < events_.size() && events_[acknowledged].sequence.value != 0 &&
             events_[acknowledged].sequence <= at)
        ++acknowledged;
      RC_ASSERT(acknowledged <= acknowledged_[cursor]);
      acknowledged_[cursor] = acknowledged;
    }
  }

  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::unique_ptr<OpenSpool> spool_;
  std::vector<Accepted> events_;
  std::array<std::size_t, cursor_count> read_{};
  std::array<std::size_t, cursor_count> acknowledged_{};
  Sequence newest_;
  std::int64_t next_number_ = 0;
  int copies_ = 0;
};

TEST(SpoolModelTest, WhateverHappensTheSpoolIsTheListAndItsCursors) {
  check_steps<ModelledSpool>(7, any_step<Action>({{4, Action::append},
                                                  {4, Action::read},
                                                  {4, Action::acknowledge},
                                                  {1, Action::close},
                                                  {1, Action::copy},
                                                  {1, Action::tear}},
                                                 200, cursor_count));
}

}  // namespace
}  // namespace pbxbridge::spool
