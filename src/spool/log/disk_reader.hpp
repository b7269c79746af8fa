#pragma once

#include "pbxbridge/event_id.hpp"
#include "spool/store/store_slot.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pbxbridge::spool {

/// Reads events for sinks that lag behind what memory holds, and dead letters, on a thread of its own, so that neither
/// the writer nor the io thread waits for a read.
class DiskReader {
 public:
  // Both are called on the reader's thread.
  using Fetched = std::function<void(Result<BatchStore::Chunk>)>;
  using Read = std::function<void(const BatchStore*)>;  ///< null while no store is open

  explicit DiskReader(StoreSlot& slot);
  ~DiskReader();
  DiskReader(const DiskReader&) = delete;
  DiskReader& operator=(const DiskReader&) = delete;

  /// Events after `position`, about `bytes` of them.
  void fetch(Sequence position, std::size_t bytes, Fetched fetched);
  /// Answered in the order of the calls, one at a time.
  void order(Read read);

 private:
  void run();

  StoreSlot& slot_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Read> orders_;  // under mutex_
  bool stop_ = false;        // under mutex_
  std::thread thread_;
};

}  // namespace pbxbridge::spool
