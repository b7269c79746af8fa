#pragma once

#include <chrono>
#include <functional>

namespace pbxbridge::test {

/// Asks again and again until `condition` holds; false if it does not within `deadline`.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds deadline = std::chrono::seconds(15));

}  // namespace pbxbridge::test
