// jemalloc (https://jemalloc.net/jemalloc.3.html#tuning) instead of the C library's allocator: an event is allocated on
// one thread and freed on another, at 200,000 a second.
//
// Few arenas, for there are few busy threads; and memory that a burst has taken goes back to the system after a second,
// by a thread of jemalloc's own, so that an idle process gets small again, too.
extern "C" {
const char* malloc_conf = "narenas:4,background_thread:true,max_background_threads:1,dirty_decay_ms:1000";
}
