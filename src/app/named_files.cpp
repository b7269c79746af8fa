#include "app/named_files.hpp"

#include "config/schema/file_text.hpp"

#include <xxhash.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace pbxbridge::app {

namespace {

constexpr std::size_t largest_file = 16 * 1024 * 1024;
constexpr std::chrono::seconds patience{1};

bool names_a_file(std::string_view key) { return key.ends_with("_file") || key.ends_with(".location"); }

void add_named(const config::Node& node, FileNames& files) {
  for (const config::Node& item : node.items()) add_named(item, files);
  for (const config::Node::Entry& entry : node.entries()) {
    if (names_a_file(entry.key) && !entry.value.text().empty()) files.insert(entry.value.text());
    add_named(entry.value, files);
  }
}

FileContents read(const FileNames& files) {
  FileContents contents;
  for (const std::string& file : files) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none)) continue;
    if (const auto text = config::read_file(file, largest_file))
      contents.emplace(file, XXH3_64bits(text->data(), text->size()));
  }
  return contents;
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
  if (files.empty()) return {};
  auto promise = std::make_shared<std::promise<FileContents>>();
  auto contents = promise->get_future();
  try {
    std::thread([promise, files] { promise->set_value(read(files)); }).detach();
  } catch (const std::system_error&) {
    return {};
  }
  return contents.wait_for(patience) == std::future_status::ready ? contents.get() : FileContents();
}

}  // namespace pbxbridge::app
