#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::version {

/// Version of this program, from `project()` in CMakeLists.txt, such as `0.1.0`.
std::string_view program();

struct Library {
  std::string_view name;
  std::string loaded;      ///< version that runs; the one compiled against, where a library does not tell
  std::string built_with;  ///< version of the headers; empty: the same
};

/// Libraries that the program calls, by name.
std::vector<Library> libraries();

}  // namespace pbxbridge::version
