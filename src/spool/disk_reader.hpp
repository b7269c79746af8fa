#pragma once

#include "spool/store_slot.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pbxbridge::spool {

/// Fetches events for sinks that lag behind what memory holds, on a thread of its own, so that neither the writer nor
/// the io thread waits for a read.
class DiskReader {
 public:
  /// Called on the reader's thread.
  using Fetched = std::function<void(Result<BatchStore::Chunk>)>;

  explicit DiskReader(StoreSlot& slot);
  ~DiskReader();
  DiskReader(const DiskReader&) = delete;
  DiskReader& operator=(const DiskReader&) = delete;

  /// Events behind `position`, about `bytes` of them.
  void fetch(Sequence position, std::size_t bytes, Fetched fetched);

 private:
  struct Order {
    Sequence position;
    std::size_t bytes;
    Fetched fetched;
  };
  void run();
  Result<BatchStore::Chunk> read(const Order& order);

  StoreSlot& slot_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Order> orders_;  // under mutex_
  bool stop_ = false;         // under mutex_
  std::thread thread_;
};

}  // namespace pbxbridge::spool
