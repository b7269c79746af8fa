#include "spool/store/format_check.hpp"

#include "spool/log/record.hpp"
#include "spool/salvage/log_entries.hpp"
#include "spool/salvage/store_files.hpp"
#include "spool/salvage/table_entries.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/store_keys.hpp"
#include "version/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace pbxbridge::spool {

namespace {

std::uint64_t format_of(std::string_view value) {
  const auto format = decode_key(value);
  return format ? format->value : 0;
}

/// The highest format among the entries of a file: a spool's format only grows.
class HighestFormat final : public salvage::EntryVisitor {
 public:
  void entry(const salvage::StoredEntry& entry) override {
    if (entry.key == store_key::format) format_ = std::max(format_, format_of(entry.value));
  }
  void doubtful_entry(const salvage::StoredEntry&) override {}
  void unreadable(std::string_view) override {}

  std::uint64_t format() const { return format_; }

 private:
  std::uint64_t format_ = 0;
};

std::uint64_t format_in_files(const std::filesystem::path& store) {
  HighestFormat highest;
  const auto files = salvage::store_files(store);
  if (!files) return 0;
  for (const auto& file : *files) {
    const auto bytes = salvage::read_store_file(file);
    if (!bytes) continue;
    static_cast<void>(salvage::is_log(file) ? salvage::read_log(*bytes, highest)
                                            : salvage::read_table(*bytes, highest));
  }
  return highest.format();
}

/// The format that the store itself says it has; 0: it does not say.
std::uint64_t stored_format(const std::filesystem::path& spool_directory) {
  const auto database = open_database_read_only(spool_directory);
  if (!database) return format_in_files(store_directory(spool_directory));
  std::string value;
  const auto status = database->rocksdb->Get(rocksdb::ReadOptions(), database->meta(), store_key::format, &value);
  return status.ok() ? format_of(value) : 0;
}

Error newer(const std::filesystem::path& spool_directory, std::string_view how, std::string_view written_by) {
  const std::string version = written_by.empty() ? "" : fmt::format("pbxbridge {}", written_by);
  return {
      ErrorCategory::storage,
      fmt::format("the spool in {} was written by {} {}, and this is pbxbridge {}, which knows formats up to "
                  "{}: it leaves the spool untouched; run {} on it, or set another spool.path",
                  spool_directory.string(), version.empty() ? "a newer pbxbridge" : version, how, version::program(),
                  format_version, version.empty() ? "that newer pbxbridge" : version + " or newer")};
}

}  // namespace

Result<void> check_noted_format(const std::filesystem::path& spool_directory) {
  const auto known = EpochLog::read(spool_directory);
  if (known.format > format_version) return newer_format(spool_directory, known.format, known.written_by);
  return {};
}

Result<void> check_format(const std::filesystem::path& spool_directory) {
  if (auto checked = check_noted_format(spool_directory); !checked) return checked;
  const auto format = stored_format(spool_directory);
  if (format > format_version) return newer_format(spool_directory, format);
  if (const auto part = unknown_family(store_directory(spool_directory))) return newer_part(spool_directory, *part);
  return {};
}

Error newer_format(const std::filesystem::path& spool_directory, std::uint64_t format, std::string_view written_by) {
  return newer(spool_directory, fmt::format("in format {}", format), written_by);
}

Error newer_part(const std::filesystem::path& spool_directory, std::string_view name) {
  return newer(spool_directory, fmt::format("with a part '{}' that is not known here", name), {});
}

}  // namespace pbxbridge::spool
