#include "check_property.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <rapidcheck.h>
#include <sstream>
#include <string_view>

namespace pbxbridge::spool {

void check_property(int cases, const std::function<void()>& property) {
  const char* form = std::getenv("PBXBRIDGE_ROBUSTNESS");
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = form != nullptr && std::string_view(form) == "long" ? 500 : cases;
  params.maxSize = 40;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream told;
  rc::detail::printResultMessage(result, told);
  FAIL() << told.str() << "\nseed " << params.seed;
}

}  // namespace pbxbridge::spool
