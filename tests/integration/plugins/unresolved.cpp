// Calls what this pbxbridge does not have.

#include "pbxbridge/plugin.hpp"
#include "quiet_sink.hpp"

namespace pbxbridge {
int of_tomorrow();
}

static const pbxbridge::SinkType quiet = pbxbridge::test::quiet_sink_type(pbxbridge::of_tomorrow() == 0 ? "a" : "b");
PBXBRIDGE_PLUGIN(quiet)
