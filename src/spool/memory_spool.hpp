#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/event_log.hpp"
#include "spool/log/reception_clock.hpp"

#include <deque>

namespace pbxbridge::spool {

/// A spool that lives and dies with the process: what no sink has taken when it ends is gone. Bounded by the memory of
/// its events; when full, the oldest make room. It has no tables: changes of them go nowhere.
class MemorySpool : public EventLog {
 public:
  explicit MemorySpool(std::uint64_t max_bytes);

  SpoolId id() const { return id_; }
  bool durable() const override { return false; }
  bool writable() const override { return true; }
  Stats stats() const override;
  using EventAppender::append;
  std::optional<DropReason> append(NewEventPtr& cause, Derivation&& derivation) override;
  void set_derive(std::function<Derivation()> derive) override { derive_ = std::move(derive); }
  void expect_derived() override;
  void derive_now() override {}
  DropReason reject(const Event&) override { return DropReason::overload; }
  bool has_room() const override { return true; }
  void ask_for_room() override {}
  CursorId open_cursor(const std::string& sink, Start start) override;
  void remove_cursor(CursorId cursor) override;
  std::optional<std::uint64_t> forget_sink(const std::string&) override { return std::nullopt; }
  void start() override {}
  void use_settings(const config::SpoolConfig& settings) override;
  void read(CursorId cursor, std::size_t max_events, std::vector<EventPtr>& events) override;
  void acknowledge(CursorId cursor, Sequence position) override;
  std::uint64_t unread(CursorId cursor) const override;
  std::optional<SystemTime> oldest_unread(CursorId cursor) const override;
  Sequence replayed_up_to(CursorId cursor) const override { return cursors_[cursor].replayed_up_to; }
  std::uint64_t lost_at_the_end(CursorId cursor) const override;
  void remember_deferred(CursorId, DeferredDeliveries) override {}
  DeferredDeliveries deferred(CursorId) const override { return {}; }
  void set_on_committed(std::function<void(std::span<const EventPtr>)> callback) override {
    on_committed_ = std::move(callback);
  }
  void set_on_readable(std::function<void()> callback) override { on_readable_ = std::move(callback); }
  void set_on_room(std::function<void()>) override {}
  void set_on_drop(std::function<void(const Drop&)> callback) override { on_drop_ = std::move(callback); }
  void set_on_failure(std::function<void(Error)>) override {}
  void flush(std::chrono::milliseconds, std::function<void(bool)> flushed) override { flushed(true); }

 private:
  struct Cursor {
    std::string sink;       // empty: the sink was removed, and the place is free
    Sequence next;          // to read
    Sequence acknowledged;  // lower than next
    Sequence replayed_up_to = {};
  };

  void take(NewEventPtr event);
  void take(std::vector<DerivedEvent>& events, const Event* cause);
  void make_room();
  CursorId reopen(CursorId cursor);
  void remove_oldest();
  void drop_until_it_fits();
  void trim();

  SpoolId id_;
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  Sequence first_ = Sequence::first_of(1);  // sequence of events_.front(), or the next to be given
  std::deque<EventPtr> events_;             // sequences first_, first_ + 1, ...
  mutable ReceptionClock reception_clock_;
  std::vector<Cursor> cursors_;
  std::function<Derivation()> derive_;
  std::function<void(std::span<const EventPtr>)> on_committed_;
  std::function<void()> on_readable_;
  std::function<void(const Drop&)> on_drop_;
};

}  // namespace pbxbridge::spool
