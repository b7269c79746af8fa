#include "spool/store/disk_space.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace pbxbridge::spool {

namespace {

constexpr std::chrono::seconds ballast_interval{10};
constexpr std::chrono::milliseconds look_interval{100};

}  // namespace

DiskSpace::DiskSpace(std::filesystem::path directory, std::uint64_t ballast_bytes)
    : directory_(std::move(directory)), ballast_(ballast_file(directory_), ballast_bytes) {}

bool DiskSpace::has_reserve(std::uint64_t besides) {
  if (Clock::now() < next_look_) return true;
  std::error_code unknown;
  const auto space = std::filesystem::space(directory_, unknown);
  if (!unknown && space.available < reserve_bytes + besides) return false;
  next_look_ = Clock::now() + look_interval;
  return true;
}

bool DiskSpace::release_ballast() {
  ballast_due_ = Clock::now() + ballast_interval;
  return ballast_.release();
}

void DiskSpace::take_ballast_if_due() {
  if (Clock::now() < ballast_due_) return;
  ballast_.take(2 * reserve_bytes);
  ballast_due_ = Clock::now() + ballast_interval;
}

Error DiskSpace::shortage() const {
  return {
      .category = ErrorCategory::storage,
      .text = fmt::format("less than {} MiB are left on the disk of {}", reserve_bytes / mebibyte, directory_.string()),
      .cause = StorageCause::full};
}

}  // namespace pbxbridge::spool
