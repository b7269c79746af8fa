#include "app/free_space.hpp"

#include <system_error>
#include <thread>

namespace pbxbridge::app {

namespace {

constexpr std::chrono::seconds measuring_interval{10};

}  // namespace

void FreeSpace::refresh() {
  const auto now = std::chrono::steady_clock::now();
  if (directory_.empty() || (asked_at_ && now - *asked_at_ < measuring_interval) || answer_->asked.exchange(true))
    return;
  asked_at_ = now;
  try {
    std::thread([directory = directory_, answer = answer_] {
      std::error_code failed;
      const auto space = std::filesystem::space(directory, failed);
      answer->bytes = failed ? unknown : space.available;
      answer->asked = false;
    }).detach();
  } catch (const std::system_error&) {
    answer_->asked = false;  // no thread is to be had: later
  }
}

std::optional<std::uint64_t> FreeSpace::bytes() const {
  const std::uint64_t bytes = answer_->bytes;
  return bytes == unknown ? std::nullopt : std::optional(bytes);
}

}  // namespace pbxbridge::app
