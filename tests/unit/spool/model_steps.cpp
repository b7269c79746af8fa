#include "model_steps.hpp"

#include "support/long_form.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <sstream>

namespace pbxbridge::spool {

void check_property(int cases, const std::function<void()>& property) {
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = test::is_long_form() ? 500 : cases;
  params.maxSize = 40;
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream told;
  rc::detail::printResultMessage(result, told);
  FAIL() << told.str() << "\nseed " << params.seed;
}

}  // namespace pbxbridge::spool
