#pragma once

#include <string>

namespace pbxbridge::cli {

/// docs/reference/metrics.md, from the declared metrics.
std::string metrics_page();

}  // namespace pbxbridge::cli
