#include "simulator/rest/tokens.hpp"

#include <fmt/format.h>

#include <random>

namespace pbxbridge::sim {

namespace {

/// Makes a token that cannot be guessed, and differs from one run to the next.
std::string random_token(std::string_view kind, std::uint64_t number) {
  std::random_device random;
  return fmt::format("{}.{:x}.{:08x}{:08x}{:08x}{:08x}", kind, number, random(), random(), random(), random());
}

}  // namespace

Tokens::Pair Tokens::issue(const Account& account, Clock::time_point now) {
  std::erase_if(access_, [&](const auto& entry) { return entry.second.expires <= now; });
  ++last_number_;
  Pair pair{random_token("access", last_number_), random_token("refresh", last_number_)};
  access_[pair.access] = {&account, now + lifetime_};
  refresh_[pair.refresh] = &account;
  return pair;
}

const Account* Tokens::account_of(std::string_view access, Clock::time_point now) const {
  const auto found = access_.find(access);
  return found == access_.end() || found->second.expires <= now ? nullptr : found->second.account;
}

const Account* Tokens::use_refresh(std::string_view refresh) {
  const auto found = refresh_.find(refresh);
  if (found == refresh_.end()) return nullptr;
  const auto* account = found->second;
  refresh_.erase(found);
  return account;
}

}  // namespace pbxbridge::sim
