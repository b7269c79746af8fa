#pragma once

#include <functional>

namespace pbxbridge::spool {

/// Tries the property with `cases` sequences of random steps, in the long form of the tests with 500; a failure is the
/// current test's, with the shrunk case and its seed.
void check_property(int cases, const std::function<void()>& property);

}  // namespace pbxbridge::spool
