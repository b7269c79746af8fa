#include "spool/store/quarantine.hpp"

#include "spool/store/file_owner.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <system_error>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

std::set<fs::path> entries_of(const fs::path& directory) {
  std::set<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end; entry.increment(failed))
    entries.insert(entry->path());
  return entries;
}

/// A copy without a report is none of ours.
void remove_sound_files(const fs::path& copy) {
  std::ifstream report(copy / Quarantine::report_name);
  std::error_code ignored;
  for (std::string state, name, rest; report >> state >> name && std::getline(report, rest);)
    if (state == "sound" && name.find('/') == std::string::npos) fs::remove(copy / name, ignored);
}

}  // namespace

std::error_code make_private_directory(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (!failed) fs::permissions(directory, fs::perms::owner_all, failed);
  if (!failed) give_to_owner_of(directory.parent_path(), directory);
  return failed;
}

std::string Quarantine::new_name() const {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string first = fmt::format("{:%Y%m%dT%H%M%SZ}", now);
  std::string name = first;
  std::error_code ignored;
  for (int copy = 2; fs::exists(path_of(name), ignored); ++copy) name = fmt::format("{}-{}", first, copy);
  return name;
}

std::error_code Quarantine::make() const { return make_private_directory(directory_); }

void Quarantine::thin_out() const {
  constexpr std::size_t kept_whole = 2;
  auto copies = entries_of(directory_);
  while (copies.size() > kept_whole) remove_sound_files(copies.extract(copies.begin()).value());
}

bool Quarantine::keep(std::vector<fs::path> files) const {
  std::error_code failed;
  // A file with another name is kept already.
  std::erase_if(files, [&failed](const fs::path& file) { return fs::hard_link_count(file, failed) > 1; });
  if (files.empty()) return true;
  const fs::path copy = path_of(new_name());
  if (make() || make_private_directory(copy)) return false;
  for (const fs::path& file : files) {
    fs::create_hard_link(file, copy / file.filename(), failed);
    if (failed) return false;
  }
  return true;
}

}  // namespace pbxbridge::spool
