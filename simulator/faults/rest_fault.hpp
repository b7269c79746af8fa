#pragma once

#include "simulator/rest/http.hpp"

#include <cstdint>

namespace pbxbridge::sim {

/// Faults in the answers of the REST API.
enum class RestFault : std::uint8_t {
  none,
  hang,         ///< a request is read, and never answered
  html,         ///< a login page of whatever stands before the PBX, with status 200
  wrong_count,  ///< `count` is more than there is
};

/// The answer with the fault in it; `hang` is for whoever sends it.
HttpAnswer spoiled(HttpAnswer answer, RestFault fault);

}  // namespace pbxbridge::sim
