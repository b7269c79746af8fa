#include "examine/file_system.hpp"

#include <algorithm>
#include <sstream>

namespace pbxbridge::examine {

namespace {

/// Blanks and the like stand as \040 there.
std::string without_octal_escapes(std::string_view text) {
  constexpr std::size_t digits = 3;
  const auto is_octal = [](char letter) { return letter >= '0' && letter <= '7'; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view number = text.substr(i + 1 < text.size() ? i + 1 : text.size(), digits);
    if (text[i] == '\\' && number.size() == digits && std::ranges::all_of(number, is_octal)) {
      out += static_cast<char>((number[0] - '0') * 64 + (number[1] - '0') * 8 + number[2] - '0');
      i += digits;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_above(const std::filesystem::path& directory, const std::filesystem::path& path) {
  const auto [end_of_directory, rest] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end_of_directory == directory.end() || directory == "/";
}

}  // namespace

std::string file_system_type(std::string_view mounts, const std::filesystem::path& path) {
  std::string type;
  std::size_t longest = 0;
  std::istringstream lines{std::string(mounts)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string mount_point;
    fields >> skipped >> skipped >> skipped >> skipped >> mount_point;
    const auto separator = line.find(" - ");
    if (separator == std::string::npos) continue;
    mount_point = without_octal_escapes(mount_point);
    // A later mount at the same place hides the earlier one.
    if (mount_point.size() < longest || !is_above(mount_point, path)) continue;
    longest = mount_point.size();
    std::istringstream(line.substr(separator + 3)) >> type;
  }
  return type;
}

std::string_view file_system_risk(std::string_view type) {
  if (type == "tmpfs" || type == "ramfs") return "what is on it is lost when the machine or the container restarts";
  if (type == "overlay" || type == "aufs") return "what is on it is lost with the container";
  if (type.starts_with("nfs") || type.starts_with("fuse") || type == "cifs" || type == "smb3" || type == "9p" ||
      type == "ceph" || type == "virtiofs" || type == "glusterfs")
    return "it may answer slowly or not at all, and not all of its kind keep what was synced";
  return {};
}

}  // namespace pbxbridge::examine
