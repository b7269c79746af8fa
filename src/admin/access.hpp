#pragma once

#include "admin/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::admin {

/// Decides who may read what the endpoint tells. Pure.
///
/// A token, where there is one, must be in each request: `Authorization: Bearer TOKEN`, or the password of any user
/// (Basic), which is what a browser asks for. Without one, the name in `Host` must be an IP address, `localhost` or one
/// of `hosts`: a page of somebody else's that a browser has loaded can make its own name mean 127.0.0.1 (DNS
/// rebinding), but it cannot make the browser send another name than its own.
class Access {
 public:
  struct Settings {
    std::string token;               ///< empty: none is asked for
    std::vector<std::string> hosts;  ///< names, without a port
    bool operator==(const Settings&) const = default;
  };

  Access() = default;
  explicit Access(Settings settings);

  enum class Verdict : std::uint8_t { allowed, wrong_token, unknown_host };
  Verdict judge(const Request& request) const;
  bool operator==(const Access&) const = default;

 private:
  bool has_token(std::string_view authorization) const;
  bool knows_host(std::string_view host) const;

  Settings settings_;
};

}  // namespace pbxbridge::admin
