// Brings a type whose name is taken.

#include "pbxbridge/plugin.hpp"
#include "quiet_sink.hpp"

static const pbxbridge::SinkType file = pbxbridge::test::quiet_sink_type("file");
PBXBRIDGE_PLUGIN(file)
