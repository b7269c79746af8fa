#pragma once

#include "process.hpp"
#include "temporary_directory.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// The built pbxbridge with a configuration of its own, running as a child. The admin endpoint listens where the kernel
/// says; `admin:` is added to the configuration given, and a
/// `spool:` on disk where it has none.
class BridgeProcess {
 public:
  /// `admin`: fields of `admin:` besides `listen`. `arguments`: further ones of `pbxbridge run`.
  explicit BridgeProcess(const std::string& configuration, Process::Options options = {}, std::string admin = {},
                         const std::vector<std::string>& arguments = {});

  Process& process() { return *process_; }
  const std::filesystem::path& configuration_file() const { return configuration_file_; }
  /// Overwrites the file; SIGHUP makes the process read it.
  void write_configuration(const std::string& configuration);

  /// The same, and waits until that configuration is in force; false where it is rejected or not by then.
  [[nodiscard]] bool reload(const std::string& configuration,
                            std::chrono::milliseconds deadline = std::chrono::seconds(20));

  const std::string& admin_port() const { return admin_port_; }
  /// The body of a GET on the admin endpoint, empty where there is no answer with status 200.
  std::string get(const std::string& path);
  /// A metric's value by name and labels as they stand in the text ("pbxbridge_events_delivered_total{sink=\"lake\"}");
  /// -1 where there is none.
  double metric(const std::string& series);
  [[nodiscard]] bool wait_for_metric(const std::string& series, double value,
                                     std::chrono::milliseconds deadline = std::chrono::seconds(20));
  /// A log line that holds `part`.
  [[nodiscard]] bool wait_for_log(const std::string& part,
                                  std::chrono::milliseconds deadline = std::chrono::seconds(20));
  /// SIGTERM and its exit code, -1 where it does not end in time.
  int stop();

 private:
  TemporaryDirectory directory_;
  const std::string admin_;
  std::filesystem::path configuration_file_;
  std::unique_ptr<Process> process_;
  std::string admin_port_;
};

/// The path of the executable under test.
std::string bridge_executable();

}  // namespace pbxbridge::test
