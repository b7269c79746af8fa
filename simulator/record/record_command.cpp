#include "simulator/record/commands.hpp"
#include "simulator/record/record_options.hpp"
#include "simulator/record/recorder.hpp"
#include "text/secrets.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace pbxbridge::sim {

namespace {

/// The PBX may repeat a secret in its words.
void report(const std::string& line) { std::cerr << text::without_secrets(line) << std::endl; }

}  // namespace

int run_record(int argument_count, const char* const* arguments) {
  int exit_code = EXIT_SUCCESS;
  const auto options = parse_record_options(argument_count, arguments, exit_code);
  if (!options) return exit_code;
  RecordingFile file(options->out);
  boost::asio::io_context io(1);
  Recorder::Hooks hooks;
  hooks.report = report;
  hooks.ended = [&](const std::optional<Error>& error) {
    if (error) report("the session has ended: " + error->text);
    exit_code = error ? EXIT_FAILURE : EXIT_SUCCESS;
    io.stop();
  };
  Recorder recorder(io, options->pbx, file, std::move(hooks));
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  boost::asio::steady_timer limit(io, options->duration);
  const auto stop = [&](boost::system::error_code cancelled, auto...) {
    if (!cancelled) recorder.stop();
  };
  signals.async_wait(stop);
  if (options->duration.count() > 0) limit.async_wait(stop);
  recorder.start();
  io.run();
  report(fmt::format("{} events are in {}", recorder.pushes(), file.path().string()));
  return exit_code;
}

}  // namespace pbxbridge::sim
