#include "sent_ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include <fstream>
#include <stdexcept>

namespace pbxbridge::test {

SentLedger read_ledger(const std::filesystem::path& file) {
  SentLedger ledger;
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error(file.string() + " cannot be read");
  for (std::string line; std::getline(stream, line) && !stream.eof();) {
    const auto entry = nlohmann::json::parse(line);
    if (!entry.contains("client")) continue;  // a line of the model: nobody was told
    const std::uint64_t client = entry.at("client");
    if (entry.contains("sequence")) {
      ledger.pushes.push_back(
          {client, entry.at("sequence"), entry.at("time_us"), entry.at("topic"), entry.at("xxh128")});
      continue;
    }
    const std::string what = entry.at("what");
    if (what == "connected") ledger.standing.insert(client);
    if (what.starts_with("gone")) ledger.standing.erase(client);
  }
  return ledger;
}

std::string payload_hash(std::string_view payload) {
  const auto hash = XXH3_128bits(payload.data(), payload.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace pbxbridge::test
