#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

namespace pbxbridge::config {

template <class T>
class Schema;  // config/schema/schema.hpp

/// Written with a unit: `250ms`, `15s`, `5m`, `2h`, `7d`.
using Duration = std::chrono::milliseconds;

/// Written with a unit: `4096B`, `64KiB`, `1MiB`, `2GiB` (and the decimal kB, MB, GB).
struct ByteSize {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

/// A password, token or key phrase. In YAML either `name: value` or `name_file: path`; the schema accepts both for each
/// Secret member. It cannot be printed or compared by accident, and no log line shows it once it is read
/// (text/secrets.hpp).
class Secret {
 public:
  Secret() = default;
  static Secret of_value(std::string value);
  static Secret of_file(std::filesystem::path path) { return Secret(std::move(path)); }

  bool is_set() const { return !std::holds_alternative<std::monostate>(source_); }
  /// Reads the file again at each call (see `read_value_file`), so that a changed secret is used at the next attempt.
  Result<std::string> read() const;
  bool operator==(const Secret&) const = default;

 private:
  explicit Secret(std::string value) : source_(std::move(value)) {}
  explicit Secret(std::filesystem::path path) : source_(std::move(path)) {}
  std::variant<std::monostate, std::string, std::filesystem::path> source_;
};

}  // namespace pbxbridge::config
