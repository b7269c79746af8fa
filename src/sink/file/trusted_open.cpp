#include "sink/file/trusted_open.hpp"

#include <climits>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <list>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace pbxbridge::sink {

namespace {

/// The kernel's own limit (path_resolution(7)).
constexpr int most_links = 40;

constexpr int directory_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Goes down a path one name at a time, each by the descriptor of the directory above, so that nobody can exchange a
/// directory between the look at it and its use.
class Walk {
 public:
  explicit Walk(const std::filesystem::path& path) : path_(path) {
    if (path.is_relative()) directory_ = ::open(".", directory_flags);
    prepend(path);
  }
  ~Walk() {
    if (directory_ >= 0) ::close(directory_);
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  Result<int> run() {
    while (true) {
      if (directory_ < 0) return failure(errno);
      const std::string name = std::move(names_.front());
      names_.pop_front();
      struct stat found {};
      const bool exists = ::fstatat(directory_, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
      if (!exists && (errno != ENOENT || !names_.empty())) return failure(errno);
      if (exists && S_ISLNK(found.st_mode)) {
        if (auto error = follow(name)) return std::move(*error);
      } else if (names_.empty()) {
        if (exists && !S_ISREG(found.st_mode))
          return Error{ErrorCategory::storage,
                       path_.native() + " is not a regular file; for a stream use a sink of type stdout"};
        const int file = ::openat(directory_, name.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
        if (file < 0) return failure(errno);
        return file;
      } else {
        enter(::openat(directory_, name.c_str(), directory_flags));
      }
    }
  }

 private:
  /// Names that are to be gone through before the others; an absolute path begins at the root.
  void prepend(const std::filesystem::path& path) {
    std::list<std::string> names;
    for (const auto& name : path.relative_path()) names.push_back(name.empty() ? "." : name.native());
    if (names.empty()) names.emplace_back(".");
    names_.splice(names_.begin(), names);
    if (path.is_absolute()) enter(::open("/", directory_flags));
  }

  void enter(int directory) {
    const int code = errno;
    if (directory_ >= 0) ::close(directory_);
    directory_ = directory;
    errno = code;
  }

  std::optional<Error> follow(const std::string& name) {
    if (!is_trusted())
      return Error{ErrorCategory::storage,
                   path_.native() + " leads over the symbolic link " + name +
                       " in a directory in which others may put one, so it is not followed; name the file itself"};
    if (++links_ > most_links) return failure(ELOOP);
    std::array<char, PATH_MAX> target;
    const auto size = ::readlinkat(directory_, name.c_str(), target.data(), target.size());
    if (size < 0) return failure(errno);
    prepend(std::string(target.data(), static_cast<std::size_t>(size)));
    return std::nullopt;
  }

  bool is_trusted() const {
    struct stat status {};
    if (::fstat(directory_, &status) != 0) return false;
    return (status.st_uid == 0 || status.st_uid == ::geteuid()) && (status.st_mode & S_IWOTH) == 0;
  }

  Error failure(int code) const {
    const auto directory = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    std::error_code ignored;
    if (code == ENOENT && !std::filesystem::exists(directory, ignored))
      return Error{ErrorCategory::storage,
                   path_.native() + " cannot be made: the directory " + directory.native() + " does not exist"};
    return Error{ErrorCategory::storage,
                 path_.native() + " cannot be opened: " + std::error_code(code, std::generic_category()).message()};
  }

  const std::filesystem::path path_;
  std::list<std::string> names_;
  int directory_ = -1;
  int links_ = 0;
};

}  // namespace

Result<int> open_trusted(const std::filesystem::path& path) { return Walk(path).run(); }

}  // namespace pbxbridge::sink
