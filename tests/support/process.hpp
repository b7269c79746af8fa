#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace pbxbridge::test {

/// A child process whose output is gathered line by line. Ends with this object (SIGKILL by its own process id).
class Process {
 public:
  struct Options {
    std::map<std::string, std::string> environment;  ///< added to this process's own
    std::filesystem::path working_directory;
    /// Enter this network namespace first (`ip netns exec`), empty: none.
    std::string network_namespace;
  };

  explicit Process(std::vector<std::string> command);
  Process(std::vector<std::string> command, Options options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void send_signal(int signal) const;
  /// Returns when each of its threads stands still; until `thaw` it does nothing and keeps its connections.
  void freeze() const;
  void thaw() const;
  void write_line(const std::string& line);  ///< to its standard input
  void close_input();

  /// Exit code, or 128 + signal; nothing if it still runs after `deadline`.
  std::optional<int> wait(std::chrono::milliseconds deadline = std::chrono::seconds(20));
  bool running();

  /// Lines that it has written so far, without line breaks.
  std::vector<std::string> output_lines() const;
  std::vector<std::string> error_lines() const;
  /// The first line, already written or yet to come, that holds `part`; nothing if none does before `deadline`.
  std::optional<std::string> wait_for_output(const std::string& part,
                                             std::chrono::milliseconds deadline = std::chrono::seconds(20)) const;
  std::optional<std::string> wait_for_error(const std::string& part,
                                            std::chrono::milliseconds deadline = std::chrono::seconds(20)) const;
  /// Everything it has written, for a failed assertion's message.
  std::string transcript() const;

 private:
  struct Stream {
    std::vector<std::string> lines;
    std::string rest;
    bool ended = false;
  };
  void read_stream(int descriptor, Stream& stream);
  std::optional<std::string> wait_for(const Stream& stream, const std::string& part,
                                      std::chrono::milliseconds deadline) const;

  pid_t pid_ = -1;
  int input_ = -1;
  std::optional<int> exit_code_;
  mutable std::mutex mutex_;
  Stream output_;  // under mutex_
  Stream error_;   // under mutex_
  std::thread output_reader_;
  std::thread error_reader_;
};

/// Output of a command that has ended, and its exit code.
struct Ended {
  std::optional<int> exit_code;  ///< as of `Process::wait`
  std::vector<std::string> output;
  std::vector<std::string> errors;
  std::string transcript;
};

/// Runs a command to its end, with `input` as the one line of its standard input; nothing: it has none.
Ended run_to_end(std::vector<std::string> command, const std::optional<std::string>& input = {});

}  // namespace pbxbridge::test
