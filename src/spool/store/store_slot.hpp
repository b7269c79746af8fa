#pragma once

#include "spool/store/batch_store.hpp"

#include <memory>
#include <shared_mutex>

namespace pbxbridge::spool {

/// The open store, which the commit thread replaces after a failure. Readers hold `mutex` shared while they read; the
/// commit thread holds it alone while there is no store. Null in between, and after a failure for good.
struct StoreSlot {
  std::shared_mutex mutex;
  std::unique_ptr<BatchStore> store;
};

}  // namespace pbxbridge::spool
