// The dynamic linker calls this before the constructors of all libraries, which take longer than main until the signals
// are watched. A signal that comes then waits for app::SignalWatch instead of killing the process.

#include "app/signal_watch.hpp"

namespace {

void hold_signals(int, char**, char**) { pbxbridge::app::hold_signals(); }

}  // namespace

[[gnu::section(".preinit_array"), gnu::used]] void (*const hold_signals_before_all)(int, char**, char**) = hold_signals;
