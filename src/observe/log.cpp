#include "observe/log.hpp"

#include "observe/log_format.hpp"
#include "observe/log_limiter.hpp"
#include "observe/stream_writer.hpp"

#include <mutex>
#include <unistd.h>

namespace pbxbridge::observe {

namespace {

std::string dropped_line(LogFormat format, std::size_t dropped) {
  return format_line({.code = &log_code::log_lines_dropped,
                      .subject = {},
                      .message = "stderr was too slow, log lines are lost",
                      .fields = {{"lines", std::to_string(dropped)}},
                      .object = {}},
                     format, std::chrono::system_clock::now(), 0);
}

}  // namespace

struct Log::Implementation {
  LogFormat format;
  Writer writer;
  std::mutex mutex;
  LogLimiter limiter;  // under mutex

  void write(const LogLine& line, std::uint64_t left_out) {
    writer(format_line(line, format, std::chrono::system_clock::now(), left_out));
  }
};

Log::Log(LogFormat format) : implementation_(std::make_unique<Implementation>()) {
  implementation_->format = format;
  auto to_stderr = std::make_shared<StreamWriter>(
      STDERR_FILENO, [format](std::size_t dropped) { return dropped_line(format, dropped); });
  implementation_->writer = [to_stderr](const std::string& line) { to_stderr->write(line); };
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
  implementation_->write(line, *left_out);
}

void Log::write(const LogCode& code, std::string subject, std::string message, std::initializer_list<LogField> fields) {
  write(LogLine{&code, std::move(subject), std::move(message), fields});
}

}  // namespace pbxbridge::observe
