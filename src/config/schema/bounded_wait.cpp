#include "config/schema/bounded_wait.hpp"

#include <future>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace pbxbridge::config {

struct BoundedWait::Hanging {
  std::mutex mutex;
  std::multiset<std::string> names;  // under mutex

  bool has(const std::string& name) {
    const std::lock_guard lock(mutex);
    return names.contains(name);
  }
  bool has_any() {
    const std::lock_guard lock(mutex);
    return !names.empty();
  }
};

namespace {

/// One call of `wait_for`, shared by its thread and whoever waits.
struct Work {
  std::promise<Result<std::string>> result;
  bool has_ended = false;  // under the mutex of Hanging, as the following
  bool is_hanging = false;
};

}  // namespace

BoundedWait::BoundedWait(std::chrono::milliseconds limit) : limit_(limit), hanging_(std::make_shared<Hanging>()) {}

std::optional<Result<std::string>> BoundedWait::wait_for(const std::string& name,
                                                         std::function<Result<std::string>()> work) const {
  if (hanging_->has(name)) return std::nullopt;
  auto shared = std::make_shared<Work>();
  auto result = shared->result.get_future();
  std::thread thread;
  try {
    thread = std::thread([shared, name, work = std::move(work), hanging = hanging_] {
      auto value = work();
      const std::lock_guard lock(hanging->mutex);
      shared->has_ended = true;
      if (shared->is_hanging) hanging->names.erase(hanging->names.find(name));
      shared->result.set_value(std::move(value));
    });
  } catch (const std::system_error& error) {
    return Error{ErrorCategory::internal, std::string("no thread could be started: ") + error.what()};
  }
  // Ten files of one server that is gone are not to take ten times as long.
  const auto limit = hanging_->has_any() ? limit_ / 10 : limit_;
  if (result.wait_for(limit) != std::future_status::ready) {
    const std::lock_guard lock(hanging_->mutex);
    if (!shared->has_ended) {
      shared->is_hanging = true;
      hanging_->names.insert(name);
      thread.detach();
      return std::nullopt;
    }
  }
  thread.join();
  return result.get();
}

}  // namespace pbxbridge::config
