#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::test {

/// One push of the simulated PBX, as its ledger has it.
struct Push {
  std::uint64_t client = 0;  ///< one for each connection
  std::uint64_t sequence = 0;
  std::int64_t time_us = 0;
  std::string topic;  ///< the granted subscription; empty where none entitled the client
  std::string hash;   ///< hash of the payload, as `payload_hash` makes it
};

/// Ledger that `pbxbridge-sim --ledger` wrote.
struct SentLedger {
  std::vector<Push> pushes;          ///< in the order of their sequences
  std::set<std::uint64_t> standing;  ///< clients that were connected to the end
};

/// A last line that is still being written is left out. Throws std::runtime_error where the file is no ledger.
SentLedger read_ledger(const std::filesystem::path& file);

/// XXH3, 128 bits, in hexadecimal.
std::string payload_hash(std::string_view payload);

}  // namespace pbxbridge::test
