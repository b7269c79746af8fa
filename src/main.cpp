#include "app/signal_watch.hpp"
#include "cli/command_line.hpp"
#include "cli/standard_streams.hpp"

int main(int argc, char** argv) {
  pbxbridge::app::hold_signals();
  pbxbridge::cli::open_closed_standard_streams();
  return pbxbridge::cli::run_command_line(argc, argv);
}
