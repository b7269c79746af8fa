// Preloaded into a process (LD_PRELOAD), lets its calls to the disk fail on cue. Environment:
//
//   DISK_FAULTS        rules, separated by `;`: CALL PATH WHEN ACTION, such as `sync .log 3 kill-before`
//     CALL             read, write, sync, rename, unlink, truncate, allocate
//     PATH             part of the file's path (of a rename: of the new one)
//     WHEN             N: the N-th such call; N+: that one and all that follow
//     ACTION           kill-before, kill-after: the process ends by SIGKILL before or after the call; kill-half: after
//                      the first half of a write; EIO, ENOSPC: the call fails; slow-MS: the call takes so much longer
//   DISK_FAULTS_WHILE  rules count and act only while this file exists; not set: always
//   DISK_FAULTS_TRACE  a line `CALL PATH` is appended to this file for each call that a rule's CALL and PATH name, and
//                      `CALL PATH: ACTION` where the rule acts
//
// Calls are made to the kernel directly; what the C library does inside (stdio) is left alone, except for reads by
// fread_unlocked.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { max_rules = 16, max_text = 512, max_path = 512 };

struct rule {
  char call[16];
  char path[128];
  char action[16];
  unsigned long first;
  int and_all_that_follow;
  unsigned long calls;  // so far
};

static struct rule rules[max_rules];
static int rule_count;
static const char* while_file;
static int trace = -1;

__attribute__((constructor)) static void read_rules(void) {
  const char* text = getenv("DISK_FAULTS");
  while_file = getenv("DISK_FAULTS_WHILE");
  const char* trace_file = getenv("DISK_FAULTS_TRACE");
  if (trace_file) trace = open(trace_file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (!text) return;
  char copy[max_text];
  snprintf(copy, sizeof copy, "%s", text);
  char* rest = copy;
  for (char* part; (part = strsep(&rest, ";")) != NULL;) {
    struct rule* rule = &rules[rule_count];
    char when[16];
    if (rule_count == max_rules ||
        sscanf(part, "%15s %127s %15s %15s", rule->call, rule->path, when, rule->action) != 4) {
      fprintf(stderr, "disk_faults: not a rule: %s\n", part);
      abort();
    }
    rule->first = strtoul(when, NULL, 10);
    rule->and_all_that_follow = strchr(when, '+') != NULL;
    ++rule_count;
  }
}

static void note(const struct rule* rule, const char* path, int acts) {
  if (trace < 0) return;
  char line[max_path + 64];
  const int size =
      snprintf(line, sizeof line, "%s %s%s%s\n", rule->call, path, acts ? ": " : "", acts ? rule->action : "");
  syscall(SYS_write, trace, line, (size_t)size);
}

/// The action that is due for this call, NULL where none is.
static const char* due(const char* call, const char* path) {
  if (rule_count == 0 || (while_file && access(while_file, F_OK) != 0)) return NULL;
  const char* action = NULL;
  for (struct rule* rule = rules; rule < rules + rule_count; ++rule) {
    if (strcmp(rule->call, call) != 0 || !strstr(path, rule->path)) continue;
    const unsigned long count = __atomic_add_fetch(&rule->calls, 1, __ATOMIC_SEQ_CST);
    const int acts = count == rule->first || (rule->and_all_that_follow && count > rule->first);
    note(rule, path, acts);
    if (acts && !action) action = rule->action;
  }
  return action;
}

static const char* due_for_file(const char* call, int descriptor) {
  if (rule_count == 0) return NULL;
  const int saved = errno;
  char link[64];
  char path[max_path];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = '\0';
  const char* action = path[0] == '/' ? due(call, path) : NULL;
  errno = saved;
  return action;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/// Returns whether the call is to fail, with errno set; may not return.
static int begin(const char* action) {
  if (!action) return 0;
  if (strcmp(action, "kill-before") == 0) die();
  if (strncmp(action, "slow-", 5) == 0) {
    const long milliseconds = strtol(action + 5, NULL, 10);
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
  }
  if (strcmp(action, "EIO") == 0)
    errno = EIO;
  else if (strcmp(action, "ENOSPC") == 0)
    errno = ENOSPC;
  else
    return 0;
  return 1;
}

static long end(const char* action, long result) {
  if (action && strcmp(action, "kill-after") == 0) die();
  return result;
}

static size_t size_to_write(const char* action, size_t size) {
  return action && strcmp(action, "kill-half") == 0 ? size / 2 : size;
}

static ssize_t end_of_write(const char* action, long result) {
  if (action && strcmp(action, "kill-half") == 0) die();
  return end(action, result);
}

ssize_t write(int descriptor, const void* data, size_t size) {
  const char* action = due_for_file("write", descriptor);
  if (begin(action)) return -1;
  return end_of_write(action, syscall(SYS_write, descriptor, data, size_to_write(action, size)));
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  const char* action = due_for_file("write", descriptor);
  if (begin(action)) return -1;
  return end_of_write(action, syscall(SYS_pwrite64, descriptor, data, size_to_write(action, size), offset));
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  return pwrite(descriptor, data, size, offset);
}

ssize_t pread(int descriptor, void* data, size_t size, off_t offset) {
  const char* action = due_for_file("read", descriptor);
  if (begin(action)) return -1;
  return end(action, syscall(SYS_pread64, descriptor, data, size, offset));
}

ssize_t pread64(int descriptor, void* data, size_t size, off64_t offset) {
  return pread(descriptor, data, size, offset);
}

/// Reads of a stream, since RocksDB reads its logs and lists through one.
#undef fread_unlocked
size_t fread_unlocked(void* restrict data, size_t size, size_t count, FILE* restrict stream) {
  if (begin(due_for_file("read", fileno(stream)))) return 0;
  size_t (*real)(void*, size_t, size_t, FILE*) = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, "fread_unlocked");
  return real(data, size, count, stream);
}

int fsync(int descriptor) {
  const char* action = due_for_file("sync", descriptor);
  if (begin(action)) return -1;
  return (int)end(action, syscall(SYS_fsync, descriptor));
}

int fdatasync(int descriptor) {
  const char* action = due_for_file("sync", descriptor);
  if (begin(action)) return -1;
  return (int)end(action, syscall(SYS_fdatasync, descriptor));
}

int rename(const char* from, const char* to) {
  const char* action = due("rename", to);
  if (begin(action)) return -1;
  return (int)end(action, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int unlink(const char* path) {
  const char* action = due("unlink", path);
  if (begin(action)) return -1;
  return (int)end(action, syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int ftruncate(int descriptor, off_t size) {
  const char* action = due_for_file("truncate", descriptor);
  if (begin(action)) return -1;
  return (int)end(action, syscall(SYS_ftruncate, descriptor, size));
}

int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
  const char* action = due_for_file("allocate", descriptor);
  if (begin(action)) return -1;
  return (int)end(action, syscall(SYS_fallocate, descriptor, mode, offset, size));
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t size) {
  return fallocate(descriptor, mode, offset, size);
}

int posix_fallocate(int descriptor, off_t offset, off_t size) {
  return fallocate(descriptor, 0, offset, size) == 0 ? 0 : errno;
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
  return posix_fallocate(descriptor, offset, size);
}
