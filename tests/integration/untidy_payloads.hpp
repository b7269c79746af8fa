#pragma once

#include <string>
#include <vector>

namespace pbxbridge::test {

/// The vendor's samples as they stand, then what no documentation shows and a PBX may send all the same.
std::vector<std::string> sample_payloads();
std::vector<std::string> untidy_payloads();

/// Writes bytes for the simulator's `push-hex`.
std::string to_hex(const std::string& bytes);

}  // namespace pbxbridge::test
