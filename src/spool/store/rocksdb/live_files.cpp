#include "spool/store/rocksdb/live_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

/// All but the logs, and the options, which are written for the reader alone.
std::set<std::string> needed(rocksdb::DB& database) {
  std::vector<std::string> paths;
  std::uint64_t manifest_size = 0;
  std::set<std::string> names;
  if (!database.GetLiveFiles(paths, &manifest_size, false).ok()) return names;
  for (const std::string& path : paths)
    if (std::string name = fs::path(path).filename().string(); !name.starts_with("OPTIONS"))
      names.insert(std::move(name));
  return names;
}

std::optional<std::uint64_t> log_number(std::string_view name) {
  constexpr std::string_view extension = ".log";
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || std::string_view(parsed.ptr) != extension) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::string> LiveFiles::missing() {
  const fs::path directory = database_.GetName();
  const auto live = needed(database_);
  std::set<std::string> names;
  std::error_code unknown;
  for (fs::directory_iterator file(directory, unknown), end; !unknown && file != end; file.increment(unknown))
    names.insert(file->path().filename().string());
  if (unknown) return std::nullopt;
  for (const std::string& name : live) {
    if (names.contains(name)) continue;
    // RocksDB may have made or removed it meanwhile.
    if (needed(database_).contains(name) && !fs::exists(directory / name, unknown) && !unknown) return name;
  }
  if (const auto log = missing_log(names)) return fmt::format("{:06}.log", *log);
  return std::nullopt;
}

std::optional<std::uint64_t> LiveFiles::missing_log(const std::set<std::string>& names) {
  std::set<std::uint64_t> found;
  for (const std::string& name : names)
    if (const auto number = log_number(name)) found.insert(*number);
  const auto before = std::exchange(logs_, found);
  // Asked after the list was made: RocksDB removes a log only when all of it stands in tables.
  std::uint64_t oldest_needed = 0;
  if (!database_.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &oldest_needed)) return std::nullopt;
  for (const std::uint64_t number : before)
    if (number >= oldest_needed && !found.contains(number)) return number;
  return std::nullopt;
}

}  // namespace pbxbridge::spool
