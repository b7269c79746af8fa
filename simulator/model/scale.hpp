#pragma once

#include "simulator/model/accounts.hpp"

#include <cstdint>
#include <optional>

namespace pbxbridge::sim {

/// Sizes that replace those of an installation; empty: as it is.
struct Scale {
  std::optional<std::uint32_t> tenants;
  std::optional<std::uint32_t> extensions;  ///< of each tenant
  std::optional<std::uint32_t> queues;      ///< of each tenant
};

/// Makes up everything again that has another size then. A tenant that is added is `tenant3.test` and so on, with the
/// administrator `bridge`/`secret`.
void scale(Installation& installation, const Scale& scale);

}  // namespace pbxbridge::sim
