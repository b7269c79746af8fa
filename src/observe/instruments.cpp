#include "observe/instruments.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

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

}  // namespace pbxbridge::observe
