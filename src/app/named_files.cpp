#include "app/named_files.hpp"

#include "config/schema/bounded_wait.hpp"
#include "config/schema/file_text.hpp"

#include <xxhash.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

namespace pbxbridge::app {

namespace {

constexpr std::size_t largest_file = 16 * 1024 * 1024;

bool names_a_file(std::string_view key) { return key.ends_with("_file") || key.ends_with(".location"); }

void add_named(const config::Node& node, FileNames& files) {
  for (const config::Node& item : node.items()) add_named(item, files);
  for (const config::Node::Entry& entry : node.entries()) {
    if (names_a_file(entry.key) && !entry.value.text().empty()) files.insert(entry.value.text());
    add_named(entry.value, files);
  }
}

Result<std::string> hash_of(const std::string& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return Error{ErrorCategory::configuration, "no regular file"};
  const auto text = config::read_file(file, largest_file);
  if (!text) return text.error();
  return std::to_string(XXH3_64bits(text->data(), text->size()));
}

}  // namespace

FileNames named_files(const config::Node& document, std::string_view text) {
  constexpr std::string_view opening = "${file:";
  FileNames files;
  add_named(document, files);
  for (auto begin = text.find(opening); begin != std::string_view::npos; begin = text.find(opening, begin)) {
    begin += opening.size();
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) break;
    files.emplace(text.substr(begin, end - begin));
  }
  return files;
}

FileContents contents_of(const FileNames& files) {
  static const config::BoundedWait patience(std::chrono::milliseconds(500));
  FileContents contents;
  for (const std::string& file : files)
    if (auto hash = patience.wait_for(file, [file] { return hash_of(file); }); hash && *hash)
      contents.emplace(file, std::move(**hash));
  return contents;
}

}  // namespace pbxbridge::app
