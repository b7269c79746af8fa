#include "spool/store/rocksdb/newest_log.hpp"

#include "spool/salvage/store_files.hpp"
#include "spool/store/file_owner.hpp"
#include "spool/store/sealed_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <unistd.h>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

fs::path note_in(const fs::path& directory) { return directory / "newest_log"; }

/// Empty where there is none, or a damaged one.
std::string noted_log(const fs::path& directory) {
  std::string line;
  std::getline(std::ifstream(note_in(directory), std::ios::binary), line);
  const std::string name = line.substr(0, line.find(' '));
  return line == sealed(name) ? name : std::string();
}

/// Logs are named by numbers, of six digits or more.
bool is_older(const std::string& name, const std::string& other) {
  return name.size() != other.size() ? name.size() < other.size() : name < other;
}

}  // namespace

void note_newest_log(const fs::path& log) {
  const fs::path note = note_in(log.parent_path());
  const int descriptor = ::open(note.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return;
  const std::string line = sealed(log.filename().string()) + '\n';
  static_cast<void>(::pwrite(descriptor, line.data(), line.size(), 0) < 0);
  ::close(descriptor);
  give_to_owner_of(log.parent_path(), note);
}

bool has_lost_newest_log(const fs::path& directory, const std::vector<fs::path>& files) {
  const std::string noted = noted_log(directory);
  return !noted.empty() && std::ranges::all_of(files, [&](const fs::path& file) {
    return !salvage::is_log(file) || is_older(file.filename().string(), noted);
  });
}

}  // namespace pbxbridge::spool
