#pragma once

// The whole program, for a `main` of your own:
//
//     int main(int argc, char** argv) {
//       const auto built_in = pbxbridge::built_in_sink_types();
//       std::vector<pbxbridge::SinkType> types(built_in.begin(), built_in.end());
//       types.push_back(nats_sink_type);
//       return pbxbridge::run(argc, argv, types);
//     }

#include "pbxbridge/sink_type.hpp"

#include <span>

namespace pbxbridge {

/// The types that pbxbridge brings, in the order of the reference.
std::span<const SinkType> built_in_sink_types();

/// Does what the command line asks for (`run`, `check`, `reference`, ...) and returns the exit code of the process.
/// Call it once, from `main`, before any thread is started. `types` have one name each and live until it returns.
int run(int argc, const char* const* argv, std::span<const SinkType> types);

}  // namespace pbxbridge
