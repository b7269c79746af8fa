#include "config/file_text.hpp"

#include "config/values.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <variant>

namespace pbxbridge::config {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const auto failed = [&](int code) {
    return Error{ErrorCategory::configuration, "cannot read " + path.string() + ": " + std::strerror(code)};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return failed(errno);
  std::string text;
  std::array<char, 16 * 1024> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), count);
    if (text.size() > limit)
      return Error{ErrorCategory::configuration, path.string() + " is larger than " + std::to_string(limit) + " bytes"};
  }
  if (std::ferror(file.get()) != 0) return failed(errno);
  return text;
}

Result<std::string> read_value_file(const std::filesystem::path& path) {
  constexpr std::size_t limit = 64 * 1024;
  auto text = read_file(path, limit);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return text;
}

Result<std::string> Secret::read() const {
  if (const auto* value = std::get_if<std::string>(&source_)) return *value;
  if (const auto* path = std::get_if<std::filesystem::path>(&source_)) {
    auto value = read_value_file(*path);
    if (value && value->empty()) return Error{ErrorCategory::configuration, path->string() + " is empty"};
    return value;
  }
  return Error{ErrorCategory::configuration, "no secret is configured"};
}

}  // namespace pbxbridge::config
