#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::config {

/// Work that may hang in the kernel, such as reading from a network file system whose server is gone: done on a thread
/// of its own, for whose end nobody waits longer than `limit`, and a tenth of it while other work hangs. Only a thread
/// that hangs outlives the call. From any thread.
class BoundedWait {
 public:
  explicit BoundedWait(std::chrono::milliseconds limit);

  /// Returns the result of `work`; nothing where it has not ended within the limit, or where an earlier one of that
  /// name hangs, which had not ended within it. `work` may outlive this object and what called it, so it holds copies
  /// of all that it needs.
  std::optional<Result<std::string>> wait_for(const std::string& name, std::function<Result<std::string>()> work) const;

 private:
  struct Hanging;
  std::chrono::milliseconds limit_;
  std::shared_ptr<Hanging> hanging_;
};

}  // namespace pbxbridge::config
