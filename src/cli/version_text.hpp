#pragma once

#include <string>

namespace pbxbridge::cli {

/// `pbxbridge 0.1.0`; `verbose`: with the commit, the compiler and the libraries, a line each, for a report of a fault.
std::string version_text(bool verbose);

}  // namespace pbxbridge::cli
