#pragma once

#include "explain/case_file.hpp"
#include "explain/explanation.hpp"

#include <string>
#include <vector>

namespace pbxbridge::explain {

/// One thing that is not as a case expects it.
struct Difference {
  std::string what;  ///< such as `message to lake: topic`
  std::string expected;
  std::string got;
};

/// Empty where the case holds. The order of messages does not count; each is to be expected once.
std::vector<Difference> differences(const Case& expected, const Explanation& got);

}  // namespace pbxbridge::explain
