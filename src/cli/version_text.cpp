#include "cli/version_text.hpp"

#include "cli/commit.hpp"
#include "version/version.hpp"

#include <fmt/format.h>

#include <string_view>

namespace pbxbridge::cli {

namespace {

#ifdef __clang__
constexpr std::string_view compiler = __VERSION__;
#else
constexpr std::string_view compiler = "g++ " __VERSION__;
#endif

}  // namespace

std::string version_text(bool verbose) {
  std::string text = fmt::format("pbxbridge {}", version::program());
  if (!verbose) return text;
  text += fmt::format("\ncommit          {}\ncompiler        {}", PBXBRIDGE_COMMIT, compiler);
  for (const version::Library& library : version::libraries()) {
    text += fmt::format("\n{:<15} {}", library.name, library.loaded);
    if (!library.built_with.empty()) text += fmt::format(" (built with {})", library.built_with);
  }
  return text;
}

}  // namespace pbxbridge::cli
