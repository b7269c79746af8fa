#include "nats_sink.hpp"

#include <pbxbridge/program.hpp>
#include <vector>

int main(int argc, char** argv) {
  const auto built_in = pbxbridge::built_in_sink_types();
  std::vector<pbxbridge::SinkType> types(built_in.begin(), built_in.end());
  types.push_back(nats_sink::nats_sink_type);
  return pbxbridge::run(argc, argv, types);
}
