#include "spool/log/disk_reader.hpp"

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
  order([position, bytes, fetched = std::move(fetched)](const BatchStore* store) {
    if (store == nullptr) return fetched(Error{ErrorCategory::storage, "the spool is not open"});
    auto chunk = store->read(position, bytes);
    // The disk may give later what it fails to read now.
    if (chunk && !chunk->disk_error)
      for (const Damage& damage : chunk->damages) static_cast<void>(store->keep_in_quarantine(damage));
    fetched(std::move(chunk));
  });
}

void DiskReader::order(Read read) {
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back(std::move(read));
  }
  wake_.notify_one();
}

void DiskReader::run() {
  ::pthread_setname_np(::pthread_self(), "disk reader");
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stop_ || !orders_.empty(); });
    if (stop_) return;
    const Read read = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    const std::shared_lock store_lock(slot_.mutex);
    read(slot_.store.get());
  }
}

}  // namespace pbxbridge::spool
