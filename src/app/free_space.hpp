#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace pbxbridge::app {

/// Free space of a disk, for a thread that must not wait for one. A disk that hangs is asked by a thread of its own,
/// which nobody waits for. One thread.
class FreeSpace {
 public:
  /// Empty: there is no disk.
  explicit FreeSpace(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Asks again, unless it did so in the last 10 s or the disk has not answered yet.
  void refresh();
  /// Free bytes by the latest answer; nothing before the first one, and where the latest was an error.
  std::optional<std::uint64_t> bytes() const;

 private:
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};
  struct Answer {
    std::atomic<std::uint64_t> bytes = unknown;
    std::atomic<bool> asked = false;
  };

  const std::filesystem::path directory_;
  const std::shared_ptr<Answer> answer_ = std::make_shared<Answer>();
  std::optional<std::chrono::steady_clock::time_point> asked_at_;
};

}  // namespace pbxbridge::app
