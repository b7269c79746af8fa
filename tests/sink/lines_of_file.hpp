#pragma once

#include "sink/conformance.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Each line as what has arrived. Empty lines are left out; half a line at the end fails the test.
inline std::vector<Arrived> lines_of(std::istream& stream) {
  std::vector<Arrived> lines;
  for (std::string line; std::getline(stream, line);) {
    EXPECT_FALSE(stream.eof()) << "half a line was left behind";
    if (line.empty()) continue;
    // An event without payload is an empty JSON string.
    lines.push_back({std::nullopt, std::nullopt, line == R"("")" ? "" : line});
  }
  return lines;
}

inline std::vector<Arrived> lines_of_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return lines_of(file);
}

}  // namespace pbxbridge::test
