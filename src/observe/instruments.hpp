#pragma once

// Handles of what is counted and measured: cheap to copy, valid for as long as the registry that made them
// (metrics/metrics.hpp). A handle that nobody made counts nothing. Any thread may change the value behind it.
//
// prometheus-cpp is behind instruments.cpp and src/metrics alone.

#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace pbxbridge::observe {

class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
  void add(double number = 1) const;
  double value() const;

 private:
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value) const;
  double value() const;

 private:
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void add(double value) const;
  /// `counts`: how many values fell into each bucket, the one without a bound last. `sum`: of these values.
  void add(const std::vector<double>& counts, double sum) const;
  /// Returns how many values fell into each bucket so far, the one without a bound last.
  std::vector<double> counts() const;

 private:
  prometheus::Histogram* histogram_ = nullptr;
};

}  // namespace pbxbridge::observe
