#pragma once

#include "support/bridge_process.hpp"

#include <map>
#include <string>

namespace pbxbridge::test {

/// Times of events from the PBX to a sink's acknowledgement: the histogram of the metrics.
class AcknowledgementTimes {
 public:
  static AcknowledgementTimes of(BridgeProcess& bridge, const std::string& sink);

  /// Times that have come since `earlier`.
  AcknowledgementTimes operator-(const AcknowledgementTimes& earlier) const;
  double count() const;
  /// Seconds, evenly distributed within each bucket; of the last bucket its beginning.
  double quantile(double part) const;

 private:
  std::map<double, double> up_to_;  ///< deliveries by their upper bound in seconds, cumulative
};

}  // namespace pbxbridge::test
