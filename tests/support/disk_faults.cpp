#include "disk_faults.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

namespace pbxbridge::test {

DiskFaults::DiskFaults(std::string rules, std::filesystem::path directory)
    : rules_(std::move(rules)),
      while_file_(directory / "disk-faults.on"),
      trace_file_(directory / "disk-faults.trace") {
  end();
  std::filesystem::remove(trace_file_);
}

std::map<std::string, std::string> DiskFaults::environment() const {
  return {{"LD_PRELOAD", PBXBRIDGE_DISK_FAULTS_LIBRARY},
          {"ASAN_OPTIONS", "verify_asan_link_order=0"},
          {"DISK_FAULTS", rules_},
          {"DISK_FAULTS_WHILE", while_file_.string()},
          {"DISK_FAULTS_TRACE", trace_file_.string()}};
}

void DiskFaults::begin() const { std::ofstream(while_file_) << "on\n"; }

void DiskFaults::end() const { std::filesystem::remove(while_file_); }

std::vector<std::string> DiskFaults::trace() const {
  std::vector<std::string> lines;
  std::ifstream file(trace_file_);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string DiskFaults::action() const {
  const auto lines = trace();
  const auto found = std::ranges::find_if(lines, [](const std::string& line) { return line.find(": ") != line.npos; });
  return found == lines.end() ? std::string() : *found;
}

}  // namespace pbxbridge::test
