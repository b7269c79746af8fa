#pragma once

#include "config/spool_config.hpp"
#include "metrics/metrics.hpp"
#include "observe/log.hpp"
#include "spool/disk_spool.hpp"
#include "spool/spool_metrics.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// A spool on disk with the io_context that it runs on, from opening to the end of the process that it stands for.
class OpenSpool {
 public:
  /// Throws where it does not open.
  explicit OpenSpool(const config::SpoolConfig& config);

  DiskSpool* operator->() { return spool_.get(); }

  /// Runs the io thread's work until the condition holds; false if it does not within 20 s.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition);
  /// Runs the io thread's work that waits for nothing.
  void run_what_is_due();
  /// Appends the events with these numbers, waiting for room where there is none.
  void append(std::uint64_t first, std::uint64_t count, std::size_t payload_size = 200);
  /// The same, until they can be read.
  void append_and_commit(std::uint64_t first, std::uint64_t count, std::size_t payload_size = 200);
  /// Waits until everything is committed.
  void flush();
  /// Waits for what an operator has asked for; the number of letters.
  std::uint64_t redrive(const std::string& sink);
  std::uint64_t drop_letters(const std::string& sink);
  /// The next of those that are to be delivered after all, once they have been read; none where there is none.
  std::vector<DeadLetter> take_redriven(const std::string& sink);
  /// The numbers of all that this cursor can read.
  std::vector<std::int64_t> read_all(CursorId cursor);
  std::vector<EventPtr> read_events(CursorId cursor, std::size_t count);
  /// Fewer where there are no more.
  std::vector<EventPtr> read_up_to(CursorId cursor, std::size_t count);
  /// Reads everything, keeping no more than a number each, and acknowledges it.
  std::uint64_t drain(CursorId cursor);
  void acknowledge_all(CursorId cursor) { spool_->acknowledge(cursor, spool_->stats().last); }

  Sequence last_read(CursorId cursor) { return last_read_[cursor]; }
  std::uint64_t dropped(CursorId cursor, DropReason reason) { return dropped_[{cursor, reason}]; }
  bool had_room() const { return had_room_; }
  bool log_has(const std::string& text) const;

 private:
  boost::asio::io_context io_;
  mutable std::mutex lines_mutex_;
  std::vector<std::string> lines_;
  observe::Log log_;
  metrics::Metrics metrics_;
  std::map<CursorId, Sequence> last_read_;
  std::map<std::pair<CursorId, DropReason>, std::uint64_t> dropped_;
  bool had_room_ = false;
  std::unique_ptr<DiskSpool> spool_;
};

/// Copies what the disk of a machine that stops at this moment would hold; for a spool that is not writing just now.
/// The store removes files in the background even then, so that it is tried until they stay.
void copy_spool(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace pbxbridge::spool
