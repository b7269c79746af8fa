#pragma once

#include "observe/log_codes.hpp"

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::observe {

/// One name and value with a message. Never a payload, a phone number or a secret.
struct LogField {
  std::string name;
  std::string value;
};

/// One line for the operator: what happened, to what, what pbxbridge does about it, what they can do.
struct LogLine {
  const LogCode* code = nullptr;
  std::string subject;  ///< "pbx hq", "sink lake"; empty: the process
  std::string message;  ///< one sentence, without a final stop and without line breaks
  std::vector<LogField> fields;
  std::string object;  ///< the part of the subject that it is about, where one code is for several; not written
};

/// Text where stderr is a terminal, else one JSON object a line.
enum class LogFormat { text, json };

/// Writes lines to stderr from a thread of its own, so that a stalled stderr stalls nobody: what does not fit its queue
/// is dropped and counted in a later line. Safe to call from any thread.
///
/// The same code for the same subject and object is written at most 10 times a minute; how many were left out is
/// written with the next one that is written.
class Log {
 public:
  using Clock = std::chrono::steady_clock;
  /// Takes finished lines instead of stderr; for tests.
  using Writer = std::function<void(const std::string& line)>;

  explicit Log(LogFormat format);
  Log(LogFormat format, Writer writer);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(LogLine line);
  void write(const LogCode& code, std::string subject, std::string message,
             std::initializer_list<LogField> fields = {});

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace pbxbridge::observe
