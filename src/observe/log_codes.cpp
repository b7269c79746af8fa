#include "observe/log_codes.hpp"

#include <array>

namespace pbxbridge::observe {

std::span<const LogCode* const> log_codes() {
#define PBXBRIDGE_LOG_CODE_ADDRESS(identifier, name, level, meaning, action) &log_code::identifier,
  static constexpr auto codes = std::to_array<const LogCode*>({PBXBRIDGE_LOG_CODES(PBXBRIDGE_LOG_CODE_ADDRESS)});
#undef PBXBRIDGE_LOG_CODE_ADDRESS
  return codes;
}

}  // namespace pbxbridge::observe
