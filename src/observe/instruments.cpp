#include "observe/instruments.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <utility>

namespace pbxbridge::observe {

void Counter::add(double number) const {
  if (counter_ != nullptr) counter_->Increment(number);
}

double Counter::value() const { return counter_ == nullptr ? 0 : counter_->Value(); }

void Gauge::set(double value) const {
  if (gauge_ != nullptr) gauge_->Set(value);
}

double Gauge::value() const { return gauge_ == nullptr ? 0 : gauge_->Value(); }

void Histogram::add(double value) const {
  if (histogram_ != nullptr) histogram_->Observe(value);
}

void Histogram::add(const std::vector<double>& counts, double sum) const {
  if (histogram_ != nullptr) histogram_->ObserveMultiple(counts, sum);
}

std::vector<double> Histogram::counts() const {
  std::vector<double> counts;
  if (histogram_ == nullptr) return counts;
  double below = 0;
  for (const auto& bucket : histogram_->Collect().histogram.bucket) {
    const auto up_to = static_cast<double>(bucket.cumulative_count);
    counts.push_back(up_to - std::exchange(below, up_to));
  }
  return counts;
}

}  // namespace pbxbridge::observe
