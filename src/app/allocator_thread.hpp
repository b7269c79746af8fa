#pragma once

namespace pbxbridge::app {

/// Has jemalloc give unused memory back on a thread of its own
/// (https://jemalloc.net/jemalloc.3.html#background_thread), where it is the allocator. Not done by its settings, which
/// would start that thread before main, and so before plug-ins are loaded.
void start_allocator_thread();

}  // namespace pbxbridge::app
