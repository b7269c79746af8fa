#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Files that could not be read, kept next to the store. The newest two copies are kept whole; of older ones what could
/// not be read, for as long as nobody deletes it.
class Quarantine {
 public:
  explicit Quarantine(const std::filesystem::path& spool_directory)
      : spool_directory_(spool_directory), directory_(spool_directory / "quarantine") {}

  /// A name for a copy, with the time; none has it yet.
  std::string new_name() const;
  std::filesystem::path path_of(const std::string& name) const { return directory_ / name; }
  /// Makes its directory, for the owner of the spool alone.
  std::error_code make() const;
  /// Removes what a salvage could read whole from all but the newest copies.
  void thin_out() const;
  /// Links files of the store, so that they stay when the store no longer needs them. False where that is not possible.
  bool keep(std::vector<std::filesystem::path> files) const;

  /// Writes into a copy what became of its files, a line each.
  static constexpr const char* report_name = "salvage.txt";

 private:
  std::filesystem::path spool_directory_;
  std::filesystem::path directory_;
};

/// Rights are for the owner: calls and numbers of people are in these files, whatever the directory above allows.
std::error_code make_private_directory(const std::filesystem::path& directory);

}  // namespace pbxbridge::spool
