#include "status/recent_counts.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pbxbridge::status {

void RecentCounts::note(Time now, std::vector<double> counts) {
  if (!samples_.empty()) {
    const auto& before = samples_.back().counts;
    const bool goes_on = before.size() == counts.size() &&
                         std::ranges::equal(before, counts, [](double was, double is) { return was <= is; });
    if (!goes_on) samples_.clear();
  }
  samples_.push_back({now, std::move(counts)});
  // The last that is older stays, as what the rest is compared with.
  while (samples_.size() > 2 && samples_[1].at <= now - kept_) samples_.pop_front();
}

const RecentCounts::Sample* RecentCounts::base(std::chrono::seconds span) const {
  if (samples_.size() < 2) return nullptr;
  const Time begin = samples_.back().at - span;
  const auto later = std::ranges::find_if(samples_, [begin](const Sample& sample) { return sample.at > begin; });
  return later == samples_.begin() ? &samples_.front() : &*std::prev(later);
}

double RecentCounts::per_second(std::chrono::seconds span) const {
  const Sample* before = base(span);
  if (before == nullptr) return 0;
  const std::chrono::duration<double> took = samples_.back().at - before->at;
  if (took.count() <= 0) return 0;
  const auto grown = growth(span);
  return std::accumulate(grown.begin(), grown.end(), 0.0) / took.count();
}

std::vector<double> RecentCounts::growth(std::chrono::seconds span) const {
  const Sample* before = base(span);
  if (before == nullptr) return {};
  std::vector<double> grown = samples_.back().counts;
  for (std::size_t i = 0; i < grown.size(); ++i) grown[i] -= before->counts[i];
  return grown;
}

std::optional<double> quantile(double share, std::span<const double> bounds, std::span<const double> counts) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  if (total <= 0 || bounds.empty()) return std::nullopt;
  const double rank = share * total;
  double below = 0;
  for (std::size_t i = 0; i < bounds.size() && i < counts.size(); ++i) {
    if (counts[i] > 0 && below + counts[i] >= rank) {
      const double lower = i == 0 ? 0 : bounds[i - 1];
      return lower + (bounds[i] - lower) * (rank - below) / counts[i];
    }
    below += counts[i];
  }
  return bounds.back();
}

}  // namespace pbxbridge::status
