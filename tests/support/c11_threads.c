// The threads of C11 by those of POSIX, in place of the C library's own, for the programs under ThreadSanitizer. Both
// kinds have one type of handle in glibc.
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

struct Start {
  thrd_start_t function;
  void* argument;
};

static void* run(void* data) {
  const struct Start start = *(struct Start*)data;
  free(data);
  return (void*)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  struct Start* const start = malloc(sizeof *start);
  if (start == NULL) return thrd_nomem;
  *start = (struct Start){function, argument};
  if (pthread_create(thread, NULL, run, start) == 0) return thrd_success;
  free(start);
  return thrd_error;
}

int thrd_join(thrd_t thread, int* result) {
  void* returned = NULL;
  if (pthread_join(thread, &returned) != 0) return thrd_error;
  if (result != NULL) *result = (int)(intptr_t)returned;
  return thrd_success;
}
