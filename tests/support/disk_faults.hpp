#pragma once

#include "process.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Faults of the disk for one child process at a time, by a library that is preloaded into it. What a rule says stands
/// in disk_faults.c.
class DiskFaults {
 public:
  /// `rules` are separated by `;`; `directory` is for files of its own. Nothing is at fault before `begin`.
  DiskFaults(std::string rules, std::filesystem::path directory);

  /// Variables for the child, in addition to its own.
  std::map<std::string, std::string> environment() const;

  void begin() const;
  void end() const;

  /// `CALL PATH`, and `CALL PATH: ACTION` where a rule acted, since the object was made.
  std::vector<std::string> trace() const;
  /// The first line of the trace that tells of an action; empty where there was none.
  std::string action() const;

 private:
  std::string rules_;
  std::filesystem::path while_file_;
  std::filesystem::path trace_file_;
};

}  // namespace pbxbridge::test
