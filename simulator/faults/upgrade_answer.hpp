#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pbxbridge::sim {

/// HTTP answer in place of an accepted WebSocket handshake.
struct UpgradeAnswer {
  unsigned status = 0;
  std::optional<std::uint32_t> retry_after;  ///< seconds
};

/// Nothing but these statuses: 301, 401, 403, 404, 429, 503.
bool is_known_upgrade_status(unsigned status);

/// The whole answer, after which the server ends the connection. 301 leads to another host.
std::string http_text(const UpgradeAnswer& answer);

}  // namespace pbxbridge::sim
