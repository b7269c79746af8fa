#pragma once

#include "simulator/model/accounts.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// The tokens that the REST login has given out. An access token expires; its refresh token is good for one more login.
class Tokens {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Tokens(std::chrono::seconds lifetime) : lifetime_(lifetime) {}

  struct Pair {
    std::string access;
    std::string refresh;
  };

  /// `account` must outlive this object.
  Pair issue(const Account& account, Clock::time_point now);

  /// Null where there is no such token any longer.
  const Account* account_of(std::string_view access, Clock::time_point now) const;

  /// The account whose refresh token it is, which is used up then; null where there is none.
  const Account* use_refresh(std::string_view refresh);

  std::chrono::seconds lifetime() const { return lifetime_; }

 private:
  struct Access {
    const Account* account;
    Clock::time_point expires;
  };

  std::chrono::seconds lifetime_;
  std::uint64_t last_number_ = 0;
  std::map<std::string, Access, std::less<>> access_;
  std::map<std::string, const Account*, std::less<>> refresh_;
};

}  // namespace pbxbridge::sim
