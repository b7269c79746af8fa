#pragma once

#include <string>

namespace CLI {
class App;
}

namespace pbxbridge::cli {

/// pbxbridge(1) in the macros of man(7): every command with its options, as the command line declares them.
std::string manual_page(const CLI::App& program);

}  // namespace pbxbridge::cli
