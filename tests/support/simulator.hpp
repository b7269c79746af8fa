#pragma once

#include "process.hpp"
#include "temporary_directory.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// A running `pbxbridge-sim`, with `--control` and `--verbose`, on a port of its own. Its users are the built-in ones
/// (`bridge`/`secret` of `example.test`, ...) unless `--users` says otherwise.
class Simulator {
 public:
  /// Starts it and waits until it listens; throws std::runtime_error with what it wrote if it does not. For wss give
  /// `--tls` or `--tls-name NAME`.
  explicit Simulator(std::vector<std::string> arguments = {});

  const std::string& url() const { return url_; }  ///< ws://127.0.0.1:PORT/wsi or wss://...
  std::uint16_t port() const;
  std::filesystem::path ca_file() const { return directory_ / "ca.pem"; }  ///< exists for wss only
  Process& process() { return process_; }

  /// Runs a command line (`push {...}`, `close 1011 gone`, ...) and returns its `ok ...` answer; throws
  /// std::runtime_error where it is rejected or not answered.
  std::string command(const std::string& line);

  /// The line, already written or yet to come, that holds `part`, such as `client 1 subscribed cdr_events`.
  std::optional<std::string> wait_for(const std::string& part,
                                      std::chrono::milliseconds deadline = std::chrono::seconds(20)) const;

 private:
  std::vector<std::string> answers() const;

  TemporaryDirectory directory_;
  Process process_;
  std::string url_;
};

}  // namespace pbxbridge::test
