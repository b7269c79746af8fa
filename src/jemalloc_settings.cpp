// jemalloc (https://jemalloc.net/jemalloc.3.html#tuning) instead of the C library's allocator: an event is allocated on
// one thread and freed on another, at 200,000 a second.
//
// Few arenas, for there are few busy threads; and memory that a burst has taken goes back to the system after a quarter
// of a second, by a thread of jemalloc's own, which `app::start_allocator_thread` starts. At full speed these two
// decide how much is held on top of what is in use: docs/decisions/0011.
extern "C" {
const char* malloc_conf = "narenas:2,max_background_threads:1,dirty_decay_ms:250";
}
