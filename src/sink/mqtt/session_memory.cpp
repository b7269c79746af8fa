#include "sink/mqtt/session_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;

constexpr auto early = 10s;
constexpr std::uint32_t suspicious_drops = 3;
constexpr auto first_wait = 30s;
constexpr SessionMemory::Clock::duration longest_wait = 5min;
/// Without the broker's own word that it was a takeover.
constexpr SessionMemory::Clock::duration longest_wait_on_suspicion = 10s;
constexpr auto forget_after = 15min;
/// Holds for what a broker does not do.
constexpr auto believe_for = 5min;

}  // namespace

const std::string& SessionMemory::client_id(const std::string& configured) {
  if (!configured.empty()) return configured;
  if (generated_client_id_.empty()) {
    std::random_device random;
    generated_client_id_ = fmt::format("pbxbridge-{:08x}{:04x}", random(), random() & 0xFFFFU);
  }
  return generated_client_id_;
}

mqtt::PacketIdentifiers& SessionMemory::packet_identifiers(const std::string& configured) {
  if (!packet_identifiers_) {
    packet_identifiers_.emplace();
    if (!configured.empty()) packet_identifiers_->doubt_all();
  }
  return *packet_identifiers_;
}

void SessionMemory::rejected_qos(unsigned qos, Clock::time_point now) {
  maximum_qos_ = std::min(maximum_qos(now), qos - 1);
  any_qos_again_at_ = now + believe_for;
}

void SessionMemory::rejected_retained(Clock::time_point now) { retained_again_at_ = now + believe_for; }

unsigned SessionMemory::maximum_qos(Clock::time_point now) const {
  constexpr unsigned highest = 2;
  return now < any_qos_again_at_ ? maximum_qos_ : highest;
}

void SessionMemory::connected(Clock::time_point now) { connected_at_ = now; }

void SessionMemory::taken_over(Clock::time_point now) {
  early_drops_ = 0;
  connected_at_.reset();
  back_off(now, longest_wait);
}

bool SessionMemory::dropped(Clock::time_point now, bool carried_messages) {
  const auto connected_at = std::exchange(connected_at_, std::nullopt);
  if (!connected_at) return false;
  if (carried_messages || now - *connected_at >= early) {
    early_drops_ = 0;
    return false;
  }
  if (++early_drops_ < suspicious_drops) return false;
  early_drops_ = 0;
  back_off(now, longest_wait_on_suspicion);
  return true;
}

SessionMemory::Clock::duration SessionMemory::wait(Clock::time_point now) const {
  return std::max(not_before_ - now, Clock::duration::zero());
}

void SessionMemory::back_off(Clock::time_point now, Clock::duration longest) {
  if (now - last_takeover_ > forget_after) takeovers_ = 0;
  last_takeover_ = now;
  const auto doublings = std::min(takeovers_++, 4U);
  not_before_ = now + std::min<Clock::duration>(first_wait * (1U << doublings), longest);
}

}  // namespace pbxbridge::sink
