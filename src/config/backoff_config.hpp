#pragma once

#include "pbxbridge/config/values.hpp"

namespace pbxbridge::config {

struct BackoffConfig {
  Duration initial{500};
  Duration maximum{30'000};
  static const Schema<BackoffConfig>& schema();
};

}  // namespace pbxbridge::config
