#include "app/core_dumps.hpp"

#include <cstdlib>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace pbxbridge::app {

void forbid_core_dumps() {
  // The limit is for files; a crash reporter that the kernel pipes to is kept away by the flag alone (core(5)).
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

bool core_dumps_are_wanted() {
  const char* value = std::getenv("PBXBRIDGE_CORE_DUMPS");
  return value != nullptr && std::string_view(value) == "1";
}

}  // namespace pbxbridge::app
