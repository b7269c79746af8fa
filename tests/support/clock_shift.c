// Preloaded into a process (LD_PRELOAD), lets its clock of the day jump. CLOCK_SHIFT names a file of eight bytes, a
// signed number of seconds in the machine's own order, that is added from the moment on at which it is written. As on a
// machine whose clock is set, what waits until a time of day waits shorter or longer for it; the monotonic clock goes
// on as it was.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* shift_seconds;

__attribute__((constructor)) static void map_file(void) {
  const char* name = getenv("CLOCK_SHIFT");
  if (!name) return;
  const int file = open(name, O_RDONLY | O_CLOEXEC);
  void* mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    perror("clock_shift: CLOCK_SHIFT");
    abort();
  }
  close(file);
  shift_seconds = mapped;
}

static time_t shift(void) { return shift_seconds ? (time_t)*shift_seconds : 0; }

int clock_gettime(clockid_t clock, struct timespec* time) {
  const int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += shift();
  return result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}

int timespec_get(struct timespec* time, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

static int is_before(const struct timespec* one, const struct timespec* other) {
  return one->tv_sec != other->tv_sec ? one->tv_sec < other->tv_sec : one->tv_nsec < other->tv_nsec;
}

/// In slices, for the clock may jump meanwhile.
int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  enum { slice_ns = 50000000, second_ns = 1000000000, no_uptime_s = 1000000000 };
  // A condition may be told to go by the monotonic clock; nothing has been up for thirty years.
  if (until->tv_sec < no_uptime_s) return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
  for (;;) {
    struct timespec real, slice_end;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
    slice_end = real;
    slice_end.tv_nsec += slice_ns;
    slice_end.tv_sec += slice_end.tv_nsec / second_ns;
    slice_end.tv_nsec %= second_ns;
    const struct timespec end = {until->tv_sec - shift(), until->tv_nsec};
    const int is_last = is_before(&end, &slice_end);
    const int result = pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, is_last ? &end : &slice_end);
    if (result != ETIMEDOUT || is_last) return result;
  }
}

int cnd_timedwait(cnd_t* restrict condition, mtx_t* restrict mutex, const struct timespec* restrict until) {
  switch (pthread_cond_timedwait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex, until)) {
    case 0:
      return thrd_success;
    case ETIMEDOUT:
      return thrd_timedout;
    default:
      return thrd_error;
  }
}
