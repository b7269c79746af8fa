#include "observe/log.hpp"

#include "observe/log_format.hpp"
#include "observe/log_limiter.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>

namespace pbxbridge::observe {

namespace {

constexpr std::size_t queue_lines = 2048;

/// Lines to stderr through spdlog's thread; the oldest are overwritten while stderr does not take them.
class StderrWriter {
 public:
  StderrWriter()
      : pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)),
        logger_(std::make_shared<spdlog::async_logger>("stderr", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                       pool_, spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_pattern("%v");
  }

  void operator()(const std::string& line) { logger_->info("{}", line); }
  std::size_t dropped() { return pool_->overrun_counter(); }

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace

struct Log::Implementation {
  LogFormat format;
  Writer writer;
  std::shared_ptr<StderrWriter> to_stderr;  // null where a test takes the lines
  std::mutex mutex;
  LogLimiter limiter;            // under mutex
  std::size_t dropped_said = 0;  // under mutex

  void write(const LogLine& line, std::uint64_t left_out) {
    writer(format_line(line, format, std::chrono::system_clock::now(), left_out));
  }

  void say_dropped() {
    if (!to_stderr) return;
    const std::size_t dropped = to_stderr->dropped();
    if (dropped == dropped_said) return;
    const std::size_t more = dropped - std::exchange(dropped_said, dropped);
    write({&log_code::log_lines_dropped,
           "",
           "stderr was too slow, log lines are lost",
           {{"lines", std::to_string(more)}}},
          0);
  }
};

Log::Log(LogFormat format) : implementation_(std::make_unique<Implementation>()) {
  auto to_stderr = std::make_shared<StderrWriter>();
  implementation_->format = format;
  implementation_->writer = [to_stderr](const std::string& line) { (*to_stderr)(line); };
  implementation_->to_stderr = std::move(to_stderr);
}

Log::Log(LogFormat format, Writer writer) : implementation_(std::make_unique<Implementation>()) {
  implementation_->format = format;
  implementation_->writer = std::move(writer);
}

Log::~Log() = default;

void Log::write(LogLine line) {
  const std::lock_guard lock(implementation_->mutex);
  const auto left_out = implementation_->limiter.admit(
      std::string(line.code->name) + '\n' + line.subject + '\n' + line.object, Clock::now());
  if (!left_out) return;
  implementation_->say_dropped();
  implementation_->write(line, *left_out);
}

void Log::write(const LogCode& code, std::string subject, std::string message, std::initializer_list<LogField> fields) {
  write(LogLine{&code, std::move(subject), std::move(message), fields});
}

}  // namespace pbxbridge::observe
