#include "spool/disk_reader.hpp"

#include <pthread.h>
#include <utility>

namespace pbxbridge::spool {

DiskReader::DiskReader(StoreSlot& slot) : slot_(slot), thread_([this] { run(); }) {}

DiskReader::~DiskReader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void DiskReader::fetch(Sequence position, std::size_t bytes, Fetched fetched) {
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back({position, bytes, std::move(fetched)});
  }
  wake_.notify_one();
}

void DiskReader::run() {
  ::pthread_setname_np(::pthread_self(), "disk reader");
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stop_ || !orders_.empty(); });
    if (stop_) return;
    const Order order = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    order.fetched(read(order));
  }
}

Result<BatchStore::Chunk> DiskReader::read(const Order& order) {
  const std::shared_lock lock(slot_.mutex);
  if (!slot_.store) return Error{ErrorCategory::storage, "the spool is not open"};
  return slot_.store->read(order.position, order.bytes);
}

}  // namespace pbxbridge::spool
