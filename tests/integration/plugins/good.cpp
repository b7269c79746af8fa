#include "pbxbridge/plugin.hpp"
#include "quiet_sink.hpp"

static const pbxbridge::SinkType quiet = pbxbridge::test::quiet_sink_type("quiet");
PBXBRIDGE_PLUGIN(quiet)
