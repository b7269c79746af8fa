#include "spool/table_probe.hpp"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <chrono>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

/// Long enough for any table, should the child wait for a lock that nobody holds there.
constexpr std::chrono::seconds patience{5};

[[noreturn]] void open_and_exit(const fs::path& table) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  rocksdb::SstFileReader reader{rocksdb::Options()};
  static_cast<void>(reader.Open(table.string()));
  _exit(0);
}

/// Nothing is known of a child that does not come to an end.
bool crashes(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return has_crashed(status);
}

}  // namespace

bool has_crashed(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return false;
  switch (WTERMSIG(wait_status)) {
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGTRAP:
      return true;
    default:
      return false;
  }
}

std::vector<fs::path> deadly_tables(const fs::path& store_directory) {
  std::vector<fs::path> deadly;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(store_directory, ignored)) {
    if (entry.path().extension() != ".sst") continue;
    const pid_t child = fork();
    if (child == 0) open_and_exit(entry.path());
    if (child > 0 && crashes(child)) deadly.push_back(entry.path());
  }
  return deadly;
}

}  // namespace pbxbridge::spool
