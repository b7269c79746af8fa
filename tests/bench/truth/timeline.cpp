#include "truth/timeline.hpp"

#include <algorithm>
#include <cmath>

namespace pbxbridge::bench {

namespace {

constexpr std::int64_t second_us = 1'000'000;

}  // namespace

void Timeline::arrived(std::uint32_t number, std::int64_t time_us) {
  if (arrivals_.empty() || time_us < first_us_) first_us_ = time_us;
  if (arrivals_.empty() || time_us > last_us_) last_us_ = time_us;
  arrivals_.push_back({number, time_us});
}

double Timeline::events_a_second() const {
  if (last_us_ == first_us_) return 0;
  return static_cast<double>(arrivals_.size()) * second_us / static_cast<double>(last_us_ - first_us_);
}

std::int64_t Timeline::longest_gap_us() const {
  std::vector<std::int64_t> times;
  times.reserve(arrivals_.size());
  for (const auto& arrival : arrivals_) times.push_back(arrival.time_us);
  std::ranges::sort(times);
  std::int64_t longest = 0;
  for (std::size_t i = 1; i < times.size(); ++i) longest = std::max(longest, times[i] - times[i - 1]);
  return longest;
}

std::vector<Timeline::Slice> Timeline::slices(const std::vector<std::int64_t>& sent_us) const {
  if (arrivals_.empty()) return {};
  const auto count = static_cast<std::size_t>((last_us_ - first_us_) / slice_us) + 1;
  std::vector<std::vector<std::int64_t>> latencies(count);
  for (const auto& [number, time_us] : arrivals_)
    latencies[static_cast<std::size_t>((time_us - first_us_) / slice_us)].push_back(
        sent_us.empty() ? 0 : time_us - sent_us[number - 1]);
  std::vector<Slice> slices;
  for (auto& of_slice : latencies) {
    std::ranges::sort(of_slice);
    slices.push_back({of_slice.size(), percentile(of_slice, 0.99)});
  }
  return slices;
}

std::vector<std::int64_t> Timeline::latencies_us(const std::vector<std::int64_t>& sent_us) const {
  std::vector<std::int64_t> latencies;
  latencies.reserve(arrivals_.size());
  for (const auto& [number, time_us] : arrivals_) latencies.push_back(time_us - sent_us[number - 1]);
  std::ranges::sort(latencies);
  return latencies;
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace pbxbridge::bench
