#include "version/version.hpp"

namespace pbxbridge::version {

std::string_view program() { return PBXBRIDGE_VERSION; }

}  // namespace pbxbridge::version
