#include "simulator/model/accounts.hpp"
#include "simulator/model/builtin_installation.hpp"
#include "simulator/model/scale.hpp"
#include "simulator/protocol/quirks.hpp"
#include "simulator/record/commands.hpp"
#include "simulator/server/control.hpp"
#include "simulator/server/http_control.hpp"
#include "simulator/server/options.hpp"
#include "simulator/server/output.hpp"
#include "simulator/server/server.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string_view>
#include <sys/resource.h>

namespace {

using namespace pbxbridge::sim;

/// Each client takes a file descriptor.
void allow_many_clients() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void run(const Options& options) {
  allow_many_clients();

  auto installation = options.users_file.empty() ? default_installation() : load_installation(options.users_file);
  scale(installation, options.scale);
  if (options.quirks) name_in_many_scripts(installation);
  const auto cues = load_cues(options.scenario_file, options.cues_file);
  boost::asio::io_context io(1);
  Server server(io, options, installation);
  std::optional<HttpControl> http_control;
  if (!options.control_http.empty()) http_control.emplace(io, options.control_http, server);
  print_line("listening " + server.url());
  if (http_control) print_line("control " + http_control->url());
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) { server.shut_down(); });
  std::optional<ControlInput> control;
  if (options.control) control.emplace(io, server);
  const CueTimers timers(io, server, cues);
  io.run();
}

}  // namespace

int main(int argument_count, char** arguments) {
  int exit_code = EXIT_FAILURE;
  try {
    const std::string_view subcommand = argument_count > 1 ? arguments[1] : "";
    if (subcommand == "record") return run_record(argument_count - 1, arguments + 1);
    if (subcommand == "sanitise") return run_sanitise(argument_count - 1, arguments + 1);
    const auto options = parse_options(argument_count, arguments, exit_code);
    if (!options) return exit_code;
    if (options->print_model) {
      std::cout << builtin_installation();
      return EXIT_SUCCESS;
    }
    run(*options);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "pbxbridge-sim: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
