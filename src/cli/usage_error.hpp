#pragma once

#include <string>

namespace CLI {
class App;
}

namespace pbxbridge::cli {

/// Describes a command line that `app` has rejected by the first word it could not place; an empty text where
/// it placed every word.
std::string misplaced_word(CLI::App& app);

}  // namespace pbxbridge::cli
