#include "async/background_thread.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>

namespace pbxbridge::async {

namespace {

constexpr std::chrono::seconds longest_wait_at_exit{1};

class BackgroundThreads {
 public:
  BackgroundThreads() {
    // Exit handlers run last registered first: OpenSSL's own, which no thread may outlive, comes after ours.
    OPENSSL_init_ssl(0, nullptr);
    on_exit([](int status, void* self) { static_cast<BackgroundThreads*>(self)->wait_at_exit(status); }, this);
  }

  void run(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    std::thread([this, work = std::move(work)]() mutable {
      work();
      work = nullptr;
      OPENSSL_thread_stop();
      const std::lock_guard ended(mutex_);
      --running_;
      ended_.notify_all();
    }).detach();
    ++running_;
  }

 private:
  void wait_at_exit(int status) {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, longest_wait_at_exit, [this] { return running_ == 0; })) return;
    // The remaining objects would be destroyed under a running thread.
    std::fflush(nullptr);
    _exit(status);
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;  // under mutex_
};

}  // namespace

void run_in_background(std::function<void()> work) {
  static BackgroundThreads& threads = *new BackgroundThreads;  // never destroyed: threads may outlive every destructor
  threads.run(std::move(work));
}

}  // namespace pbxbridge::async
