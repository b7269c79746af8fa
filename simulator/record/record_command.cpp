#include "simulator/record/commands.hpp"
#include "simulator/record/record_options.hpp"
#include "simulator/record/recorder.hpp"
#include "text/secrets.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <system_error>

namespace pbxbridge::sim {

namespace {

/// The PBX may repeat a secret in its words.
void report(const std::string& line) { std::cerr << text::without_secrets(line) << std::endl; }

}  // namespace

int run_record(int argument_count, const char* const* arguments) {
  int exit_code = EXIT_SUCCESS;
  const auto options = parse_record_options(argument_count, arguments, exit_code);
  if (!options) return exit_code;
  const LineFile file = LineFile::created(options->out);
  boost::asio::io_context io(1);
  boost::asio::steady_timer limit(io);
  std::optional<Recorder> recorder;
  const auto stop = [&](boost::system::error_code cancelled, auto...) {
    if (!cancelled) recorder->stop();
  };
  Recorder::Hooks hooks;
  hooks.report = report;
  hooks.authenticated = [&] {
    if (options->duration.count() == 0) return;
    limit.expires_after(options->duration);
    limit.async_wait(stop);
  };
  hooks.ended = [&](const std::optional<Error>& error) {
    if (error) report("the session has ended: " + error->text);
    exit_code = error ? EXIT_FAILURE : EXIT_SUCCESS;
    io.stop();
  };
  recorder.emplace(io, options->pbx, file, std::move(hooks));
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait(stop);
  recorder->start();
  io.run();
  if (recorder->authenticated()) {
    report(fmt::format("{} events are in {}", recorder->pushes(), file.path().string()));
  } else {
    report("nothing was recorded");
    std::error_code ignored;
    std::filesystem::remove(file.path(), ignored);  // the next attempt needs the name
  }
  return exit_code;
}

}  // namespace pbxbridge::sim
