#pragma once

#include <filesystem>
#include <string>

namespace pbxbridge::sim {

/// A text of lines that is being written. What a line holds is in the file once it is added: if the process ends, the
/// file ends with a whole line.
class LineFile {
 public:
  /// Makes the file, for its owner alone to read. Throws std::system_error where it cannot, or where it exists already.
  static LineFile created(const std::filesystem::path& file);
  /// Makes the file, or empties it, for all to read. Throws std::system_error, which calls it `name`, where it cannot.
  static LineFile overwritten(const std::filesystem::path& file, const std::string& name);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  /// Throws std::system_error where it cannot be written.
  void add_line(std::string line) const;
  const std::filesystem::path& path() const { return file_; }

 private:
  LineFile(const std::filesystem::path& file, std::string name, int if_it_exists, unsigned mode);
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  std::string name_;  // for errors
  int descriptor_ = -1;
};

}  // namespace pbxbridge::sim
