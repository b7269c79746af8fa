#include "app/run.hpp"

#include "app/allocator_thread.hpp"
#include "app/bridge.hpp"
#include "app/configuration.hpp"
#include "app/file_watch.hpp"
#include "app/problem_log.hpp"
#include "app/service_notifier.hpp"
#include "app/signal_watch.hpp"
#include "config/load.hpp"
#include "observe/log.hpp"
#include "text/log_text.hpp"
#include "version/version.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <unistd.h>
#include <utility>

namespace pbxbridge::app {

namespace {

namespace log_code = observe::log_code;

constexpr std::size_t longest_problem = 1000;

observe::LogFormat log_format() {
  return isatty(STDERR_FILENO) == 1 ? observe::LogFormat::text : observe::LogFormat::json;
}

std::string signal_name(int signal) { return signal == SIGTERM ? "SIGTERM" : "SIGINT"; }

/// Called on the thread of the signals, shortly before it ends the process: written before this returns, if stderr
/// takes it.
void write_last_line(const observe::LogCode& code, std::string message,
                     std::initializer_list<observe::LogField> fields = {}) {
  observe::Log(log_format()).write(code, "", std::move(message), fields);
}

void stopped_early(int signal) {
  write_last_line(log_code::stopped, "stopped by a signal while pbxbridge was not running yet, or no longer",
                  {{"signal", signal_name(signal)}});
}

void stop_is_overdue() {
  write_last_line(log_code::stopped_with_rest,
                  "shutdown_timeout has passed and something still hangs, so pbxbridge ends without waiting for it");
}

class Process {
 public:
  Process(const std::filesystem::path& file, Configuration configuration, Plugins& plugins, observe::Log& log,
          SignalWatch& signals, const RunOptions& options)
      : file_(file),
        options_(options),
        plugins_(plugins),
        log_(log),
        signals_(signals),
        configuration_(std::move(configuration)) {}
  ~Process() { signals_.let_go(result()); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Afterwards `result` is the exit code.
  void run() {
    use_shutdown_timeout(configuration_.config.shutdown_timeout);
    signals_.hand_to(io_, {.end = [this](int signal) { stop(signal); }, .reload = [this] { reload(); }});
    read_files(configuration_);
    // Notices changes from now on, however long the spool takes to open.
    if (options_.watch) {
      watch_.emplace([this] { boost::asio::post(io_, [this] { reload(); }); });
      watch_->watch(watched_);
    }
    auto bridge = Bridge::make(io_, prepared(std::move(configuration_)), log_, file_.string());
    if (!bridge) {
      log_.write(log_code::spool_failed, "", bridge.error().text);
      exit_code_ = exit_storage;
      return;
    }
    bridge_ = std::move(bridge.value());
    bridge_->set_on_failure([this] {
      exit_code_ = exit_storage;
      io_.stop();
    });
    if (auto started = bridge_->start(); !started) {
      log_.write(log_code::admin_failed, "", started.error().text);
      exit_code_ = exit_configuration;
      return;
    }
    log_.write(log_code::started, "", "running",
               {{"version", std::string(version::program())}, {"configuration", file_.string()}});
    notifier_.ready();
    io_.run();
  }

  int result() const { return is_stuck() ? exit_storage : exit_code_; }

  /// A thread waits for the disk, and nobody knows how long it will.
  bool is_stuck() const { return bridge_ && bridge_->disk_is_stuck(); }

 private:
  Configuration prepared(Configuration configuration) {
    log_problems(log_, file_, configuration.report);
    return configuration;
  }

  void use_shutdown_timeout(std::chrono::milliseconds timeout) {
    shutdown_timeout_ = timeout;
    signals_.set_shutdown_timeout(timeout);
  }

  void stop(int signal) {
    stopping_ = true;
    notifier_.stopping(shutdown_timeout_);
    log_.write(log_code::stopping, "",
               "stopping: no more events are accepted, those in flight are delivered; a second "
               "signal ends the process at once",
               {{"signal", signal_name(signal)}});
    bridge_->stop([this](std::uint64_t rest) {
      log_.write(log_code::stopped, "", "stopped", {{"deliveries_not_acknowledged", std::to_string(rest)}});
      io_.stop();
    });
  }

  void reload() {
    if (stopping_) return;
    if (bridge_->is_reloading()) {
      reload_again_ = true;
      return;
    }
    notifier_.reloading();
    bridge_->reopen();
    // A pipe was read to its end at the start, and the io thread must not wait for another writer.
    Configuration configuration = load_configuration(file_, plugins_, config::read_file_in_time);
    check_coverage(configuration);
    read_files(configuration);
    if (watch_) watch_->watch(watched_);
    if (const config::Problem* error = configuration.report.first_error())
      return reload_rejected("the configuration has errors: " + config::format_problem(*error, file_.string()));
    const auto timeout = configuration.config.shutdown_timeout;
    const auto applied =
        bridge_->reload(prepared(std::move(configuration)), [this](const std::string& changes) { reloaded(changes); });
    if (!applied) return reload_rejected(applied.error().text);
    use_shutdown_timeout(timeout);
  }

  /// A file that is named by a configuration with errors may be what is wrong: it is watched as well.
  void read_files(Configuration& configuration) {
    watched_.insert(file_.string());
    if (!configuration.config.document) return;
    const FileNames names = named_files(*configuration.config.document, configuration.text);
    watched_.insert(names.begin(), names.end());
    configuration.files = contents_of(names);
  }

  void reloaded(const std::string& changes) {
    log_.write(log_code::reloaded, "",
               "the configuration is in force; files are opened again, subscriptions and routes applied; " + changes);
    notifier_.ready();
    if (std::exchange(reload_again_, false)) boost::asio::post(io_, [this] { reload(); });
  }

  void reload_rejected(const std::string& problem) {
    log_.write(log_code::reload_rejected, "", problem + "; the old configuration stays in force");
    bridge_->reload_rejected(text::log_text(problem, longest_problem));
    notifier_.ready();
  }

  std::filesystem::path file_;
  const RunOptions options_;
  Plugins& plugins_;
  observe::Log& log_;
  SignalWatch& signals_;
  boost::asio::io_context io_{1};
  Configuration configuration_;
  std::unique_ptr<Bridge> bridge_;
  std::chrono::milliseconds shutdown_timeout_{0};
  ServiceNotifier notifier_{io_, log_, [this] { return bridge_->sentence(); }};
  int exit_code_ = exit_ok;
  bool stopping_ = false;
  bool reload_again_ = false;  // asked for while one was under way
  FileNames watched_;          // all that were ever named
  std::optional<FileWatch> watch_;
};

}  // namespace

int run(const std::filesystem::path& configuration_file, Plugins& plugins, const RunOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<observe::Log> log;
  SignalWatch signals(stopped_early, stop_is_overdue);
  plugins.set_with_one_thread([&signals](const std::function<void()>& load) {
    signals.pause();
    load();
    signals.resume();
  });
  Configuration configuration = load_configuration(configuration_file, plugins);
  check_coverage(configuration);
  plugins.close();
  start_allocator_thread();
  log = std::make_unique<observe::Log>(log_format());
  if (configuration.report.has_errors()) {
    log_problems(*log, configuration_file, std::move(configuration.report));
    return exit_configuration;
  }
  auto process =
      std::make_unique<Process>(configuration_file, std::move(configuration), plugins, *log, signals, options);
  process->run();
  const int exit_code = process->result();
  signals.let_go(exit_code);
  if (process->is_stuck()) {
    log.reset();  // writes what was logged
    std::_Exit(exit_code);
  }
  process.reset();
  return exit_code;
}

}  // namespace pbxbridge::app
