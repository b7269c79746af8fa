#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// Address on which a broker of the cluster listens, as the cluster says (`advertised.listeners`).
struct BrokerAddress {
  std::string host;  ///< a name or an address, without brackets
  int port = 0;      ///< as the cluster says, which may be none that there can be
  bool operator==(const BrokerAddress&) const = default;
};

/// HOST:PORT, with brackets around an IPv6 address.
std::string name_of(const BrokerAddress& address);
/// From 1 to 65535.
bool has_possible_port(const BrokerAddress& address);

/// Connects to each by TCP, all at once, and sends nothing. Nothing as soon as one of them is reached, else why none
/// is, with each address. Blocks its thread up to `limit`, or until soon after `stopping` says so.
std::optional<std::string> why_no_broker_is_reached(const std::vector<BrokerAddress>& addresses,
                                                    std::chrono::milliseconds limit,
                                                    const std::function<bool()>& stopping);

}  // namespace pbxbridge::sink
