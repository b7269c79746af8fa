#pragma once

#include "bridge_process.hpp"
#include "process.hpp"
#include "temporary_directory.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Findings of `pbxbridge check --connect --json` on a configuration.
struct Examined {
  int exit_code = -1;
  std::vector<nlohmann::json> findings;
  std::string transcript;

  /// The first finding of that subject and step, or null.
  nlohmann::json find(const std::string& subject, const std::string& step) const {
    for (const auto& finding : findings)
      if (finding.value("subject", "") == subject && finding.value("step", "") == step) return finding;
    return {};
  }
  std::string level(const std::string& subject, const std::string& step) const {
    return text_of("level", subject, step, "none");
  }
  std::string words(const std::string& subject, const std::string& step) const {
    return text_of("words", subject, step, "");
  }
  std::string remedy(const std::string& subject, const std::string& step) const {
    return text_of("remedy", subject, step, "");
  }

 private:
  std::string text_of(const char* key, const std::string& subject, const std::string& step,
                      const std::string& otherwise) const {
    const auto finding = find(subject, step);
    return finding.is_null() ? otherwise : finding[key].get<std::string>();
  }
};

inline Examined examine(const std::string& configuration) {
  const TemporaryDirectory directory;
  std::ofstream(directory / "bridge.yaml") << configuration;
  const Ended ended = run_to_end(
      {bridge_executable(), "check", "--config", (directory / "bridge.yaml").string(), "--connect", "--json"});
  Examined examined{ended.exit_code.value_or(-1), {}, ended.transcript};
  for (const std::string& line : ended.output)
    if (auto json = nlohmann::json::parse(line, nullptr, false); json.contains("subject"))
      examined.findings.push_back(std::move(json));
  return examined;
}

/// `spool:` in that directory, small enough for any disk.
inline std::string spool_in(const std::filesystem::path& directory, const std::string& more = "") {
  return "spool: { path: " + directory.string() + ", max_size: 16MiB" + more + " }\n";
}

}  // namespace pbxbridge::test
