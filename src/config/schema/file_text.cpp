#include "config/schema/file_text.hpp"

#include "config/schema/bounded_wait.hpp"
#include "pbxbridge/config/values.hpp"
#include "text/secrets.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <variant>

namespace pbxbridge::config {

namespace {

constexpr std::size_t value_limit = 64 * 1024;

Error wrong(const std::filesystem::path& path, const std::string& clause) {
  return {ErrorCategory::configuration, path.string() + " " + clause};
}

Error unreadable(const std::filesystem::path& path, int code) {
  return {ErrorCategory::configuration, "cannot read " + path.string() + ": " + std::strerror(code)};
}

Error too_large(const std::filesystem::path& path, std::size_t limit) {
  return wrong(path, "is larger than " + std::to_string(limit) + " bytes");
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

/// Editors of other systems put it before the text, and a peer would take it for a part of the value.
bool begins_with_byte_order_mark(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf") || text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

Result<std::string> read_regular_file(const std::filesystem::path& path, std::size_t limit) {
  // Without O_NONBLOCK a pipe would be waited for here already.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) return unreadable(path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode))
    return wrong(path, "is " + std::string(kind_of(status.st_mode)) + "; only a regular file is read");
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const auto count = ::read(file.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(path, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > limit) return too_large(path, limit);
  }
}

const BoundedWait& patience() {
  // Never destroyed, for a read may hang beyond the end of main.
  static const auto* const patience = new BoundedWait(std::chrono::milliseconds(500));
  return *patience;
}

Error hanging(const std::filesystem::path& path) {
  return wrong(path, "has not been read within 0.5 s; does its file system answer?");
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return unreadable(path, errno);
  std::string text;
  std::array<char, 16 * 1024> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), count);
    if (text.size() > limit) return too_large(path, limit);
  }
  if (std::ferror(file.get()) != 0) return unreadable(path, errno);
  return text;
}

Result<std::string> read_file_in_time(const std::filesystem::path& path, std::size_t limit) {
  auto read = patience().wait_for(path, [path, limit] { return read_regular_file(path, limit); });
  if (!read) return hanging(path);
  return std::move(*read);
}

Result<std::string> read_value_file(const std::filesystem::path& path) {
  Result<std::string> text = read_file_in_time(path, value_limit);
  if (!text) return text;
  if (begins_with_byte_order_mark(*text))
    return wrong(path, "begins with a byte order mark, which would be a part of the value; save it without");
  // A library of C would take what stands before it for the whole value.
  if (text->find('\0') != std::string::npos) return wrong(path, "holds a NUL character; is it a text file?");
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return wrong(path, "is empty");
  return text;
}

std::string why_unreadable(const std::filesystem::path& path) {
  const auto check = patience().wait_for("access " + path.native(), [path]() -> Result<std::string> {
    if (::access(path.c_str(), R_OK) != 0) return std::string(std::strerror(errno));
    return std::string();
  });
  return check ? **check : "its file system does not answer";
}

std::string why_not_regular(const std::filesystem::path& path) {
  const auto check = patience().wait_for("stat " + path.native(), [path]() -> Result<std::string> {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return std::string();
    return "it is " + std::string(kind_of(status.st_mode)) + ", and only a regular file is read";
  });
  return check ? **check : "its file system does not answer";
}

Secret Secret::of_value(std::string value) {
  text::remember_secret(value);
  return Secret(std::move(value));
}

Result<std::string> Secret::read() const {
  if (const auto* value = std::get_if<std::string>(&source_)) return *value;
  if (const auto* path = std::get_if<std::filesystem::path>(&source_)) {
    auto value = read_value_file(*path);
    if (value) text::remember_secret(*value);
    return value;
  }
  return Error{ErrorCategory::configuration, "no secret is configured"};
}

}  // namespace pbxbridge::config
