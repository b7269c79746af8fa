#include "app/allocator_thread.hpp"

#include <cstddef>

/// Weak: null where another allocator is linked.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                                     std::size_t new_size);

void pbxbridge::app::start_allocator_thread() {
  if (mallctl == nullptr) return;
  bool wanted = true;
  // Without the thread, memory is given back by whoever allocates next.
  static_cast<void>(mallctl("background_thread", nullptr, nullptr, &wanted, sizeof wanted));
}
