#include "sink/kafka/background_thread.hpp"

#include <openssl/ssl.h>

#include <chrono>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

namespace pbxbridge::sink {

namespace {

class BackgroundThreads {
 public:
  // OpenSSL cleans up at the end of the process, too. Initialised first, it does so last, when no thread needs it.
  BackgroundThreads() { OPENSSL_init_ssl(0, nullptr); }

  void run(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    std::erase_if(threads_, [](const auto& thread) {
      return thread.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    threads_.push_back(std::async(std::launch::async, std::move(work)));
  }

 private:
  std::mutex mutex_;
  std::vector<std::future<void>> threads_;  // under mutex_; each waits for its thread when it goes
};

}  // namespace

void run_in_background(std::function<void()> work) {
  static BackgroundThreads threads;
  threads.run(std::move(work));
}

}  // namespace pbxbridge::sink
