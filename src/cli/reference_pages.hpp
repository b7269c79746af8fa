#pragma once

#include <string>

namespace pbxbridge::cli {

/// docs/reference/log-codes.md, from the declared log codes.
std::string log_codes_page();

/// docs/reference/metrics.md, from the declared metrics.
std::string metrics_page();

}  // namespace pbxbridge::cli
