#pragma once

namespace pbxbridge::app {

/// Passwords and people's data stand in the memory of every command: a core file, or a crash reporter that is given
/// one, would keep them. Nor can another process of the same user read this one's memory afterwards.
void forbid_core_dumps();

/// The environment asks for them, to look into a crash: `PBXBRIDGE_CORE_DUMPS=1`.
bool core_dumps_are_wanted();

}  // namespace pbxbridge::app
