#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <unordered_set>

namespace pbxbridge::sink {

/// Records that a broker refused together with the batch they were in. Which of the batch was at fault nobody says, so
/// each of them is to be sent alone when it is delivered again. Any thread; costs next to nothing while it is empty.
class BatchRefusals {
 public:
  /// More than may be in flight at once. Some are never delivered again: beyond this all are forgotten, and those that
  /// are delivered again are refused with their batch once more.
  static constexpr std::size_t capacity = 40'000;

  void add(std::string_view topic, std::string_view key, std::string_view value);
  bool contains(std::string_view topic, std::string_view key, std::string_view value) const;
  void remove(std::string_view topic, std::string_view key, std::string_view value);

 private:
  std::atomic<bool> empty_ = true;
  mutable std::mutex mutex_;
  std::unordered_set<std::size_t> fingerprints_;  // under mutex_; one that collides is sent alone without need
};

}  // namespace pbxbridge::sink
