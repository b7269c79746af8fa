#include "app/run.hpp"

#include "app/bridge.hpp"
#include "app/configuration.hpp"
#include "app/problem_log.hpp"
#include "config/load.hpp"
#include "observe/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace pbxbridge::app {

namespace {

namespace log_code = observe::log_code;

observe::LogFormat log_format() {
  return isatty(STDERR_FILENO) == 1 ? observe::LogFormat::text : observe::LogFormat::json;
}

class Process {
 public:
  Process(const std::filesystem::path& file, Configuration configuration, observe::Log& log)
      : file_(file),
        log_(log),
        configuration_(std::move(configuration)),
        end_signals_(io_, SIGTERM, SIGINT),
        reload_signal_(io_, SIGHUP) {}

  int run() {
    wait_for_end_signal();
    wait_for_reload_signal();
    auto bridge = Bridge::make(io_, prepared(std::move(configuration_)), log_);
    if (!bridge) {
      log_.write(log_code::spool_failed, "", bridge.error().text);
      return exit_storage;
    }
    bridge_ = std::move(bridge.value());
    bridge_->on_failure([this] {
      exit_code_ = exit_storage;
      io_.stop();
    });
    if (auto started = bridge_->start(); !started) {
      log_.write(log_code::admin_failed, "", "admin.listen: " + started.error().text);
      return exit_configuration;
    }
    log_.write(log_code::started, "", "running", {{"version", PBXBRIDGE_VERSION}, {"configuration", file_.string()}});
    io_.run();
    return is_stuck() ? exit_storage : exit_code_;
  }

  /// A thread waits for the disk, and nobody knows how long it will.
  bool is_stuck() const { return bridge_ && bridge_->disk_is_stuck(); }

 private:
  Configuration prepared(Configuration configuration) {
    log_problems(log_, file_, configuration.report);
    return configuration;
  }

  void wait_for_end_signal() {
    end_signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      if (stopping_) std::_Exit(128 + signal);
      stopping_ = true;
      log_.write(log_code::stopping, "",
                 "stopping: no more events are taken in, those in flight are delivered; a second "
                 "signal ends the process at once",
                 {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      bridge_->stop([this](std::uint64_t rest) {
        log_.write(log_code::stopped, "", "stopped", {{"deliveries_not_confirmed", std::to_string(rest)}});
        io_.stop();
      });
      wait_for_end_signal();
    });
  }

  void wait_for_reload_signal() {
    reload_signal_.async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      if (!stopping_) reload();
      wait_for_reload_signal();
    });
  }

  void reload() {
    bridge_->reopen();
    Configuration configuration = load_configuration(file_);
    if (configuration.report.has_errors()) {
      log_.write(log_code::reload_refused, "",
                 "the configuration has errors, the old one stays in force: " +
                     first_line(config::format_problems(configuration.report, file_.string())));
      return;
    }
    if (auto applied = bridge_->reload(prepared(std::move(configuration))); !applied) {
      log_.write(log_code::reload_refused, "", applied.error().text + "; the old configuration stays in force");
      return;
    }
    log_.write(log_code::reloaded, "",
               "files are opened anew, subscriptions and routes are applied; other changes need a restart");
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  std::filesystem::path file_;
  observe::Log& log_;
  boost::asio::io_context io_{1};
  Configuration configuration_;
  std::unique_ptr<Bridge> bridge_;
  int exit_code_ = exit_ok;
  boost::asio::signal_set end_signals_;
  boost::asio::signal_set reload_signal_;
  bool stopping_ = false;
};

}  // namespace

int run(const std::filesystem::path& configuration_file) {
  auto log = std::make_unique<observe::Log>(log_format());
  Configuration configuration = load_configuration(configuration_file);
  if (configuration.report.has_errors()) {
    log_problems(*log, configuration_file, std::move(configuration.report));
    return exit_configuration;
  }
  std::signal(SIGPIPE, SIG_IGN);
  auto process = std::make_unique<Process>(configuration_file, std::move(configuration), *log);
  const int exit_code = process->run();
  if (process->is_stuck()) {
    log.reset();  // writes what was said
    std::_Exit(exit_code);
  }
  process.reset();
  return exit_code;
}

}  // namespace pbxbridge::app
