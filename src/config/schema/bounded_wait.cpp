#include "config/schema/bounded_wait.hpp"

#include <future>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace pbxbridge::config {

struct BoundedWait::Names {
  std::mutex mutex;
  std::set<std::string> names;  // under mutex

  bool add(const std::string& name) {
    const std::lock_guard lock(mutex);
    return names.insert(name).second;
  }
  bool has_others() {
    const std::lock_guard lock(mutex);
    return names.size() > 1;
  }
  void remove(const std::string& name) {
    const std::lock_guard lock(mutex);
    names.erase(name);
  }
};

BoundedWait::BoundedWait(std::chrono::milliseconds limit) : limit_(limit), hanging_(std::make_shared<Names>()) {}

std::optional<Result<std::string>> BoundedWait::wait_for(const std::string& name,
                                                         std::function<Result<std::string>()> work) const {
  if (!hanging_->add(name)) return std::nullopt;
  auto promise = std::make_shared<std::promise<Result<std::string>>>();
  auto result = promise->get_future();
  std::thread thread;
  try {
    thread = std::thread([promise, name, work = std::move(work), hanging = hanging_] {
      auto value = work();
      hanging->remove(name);
      promise->set_value(std::move(value));
    });
  } catch (const std::system_error& error) {
    hanging_->remove(name);
    return Error{ErrorCategory::internal, std::string("no thread could be started: ") + error.what()};
  }
  // Ten files of one server that is gone are not to take ten times as long.
  const auto limit = hanging_->has_others() ? limit_ / 10 : limit_;
  if (result.wait_for(limit) != std::future_status::ready) {
    thread.detach();
    return std::nullopt;
  }
  thread.join();
  return result.get();
}

}  // namespace pbxbridge::config
