#include "acknowledgement_times.hpp"

#include <cmath>
#include <sstream>

namespace pbxbridge::test {

AcknowledgementTimes AcknowledgementTimes::of(BridgeProcess& bridge, const std::string& sink) {
  AcknowledgementTimes times;
  const std::string series = "pbxbridge_sink_acknowledgement_seconds_bucket{sink=\"" + sink + "\",le=\"";
  std::istringstream lines(bridge.get("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(series)) continue;
    const auto bound = line.substr(series.size(), line.find('"', series.size()) - series.size());
    times.up_to_[bound == "+Inf" ? INFINITY : std::stod(bound)] = std::stod(line.substr(line.rfind(' ') + 1));
  }
  return times;
}

AcknowledgementTimes AcknowledgementTimes::operator-(const AcknowledgementTimes& earlier) const {
  AcknowledgementTimes difference = *this;
  for (auto& [bound, deliveries] : difference.up_to_)
    if (const auto before = earlier.up_to_.find(bound); before != earlier.up_to_.end()) deliveries -= before->second;
  return difference;
}

double AcknowledgementTimes::count() const { return up_to_.empty() ? 0 : up_to_.rbegin()->second; }

double AcknowledgementTimes::quantile(double part) const {
  const double wanted = part * count();
  double begin = 0, below = 0;
  for (const auto& [bound, deliveries] : up_to_) {
    if (deliveries >= wanted)
      return std::isinf(bound) || deliveries == below
                 ? begin
                 : begin + (bound - begin) * (wanted - below) / (deliveries - below);
    begin = bound;
    below = deliveries;
  }
  return begin;
}

}  // namespace pbxbridge::test
