#include "sink/file/rotation.hpp"

#include <system_error>

namespace pbxbridge::sink {

std::optional<std::string> shift_files(const std::filesystem::path& path, std::uint32_t keep) {
  const auto numbered = [&](std::uint32_t number) {
    return number == 0 ? path : std::filesystem::path(path.native() + "." + std::to_string(number));
  };
  for (auto number = keep; number > 0; --number) {
    std::error_code error;
    std::filesystem::rename(numbered(number - 1), numbered(number), error);
    if (error && error != std::errc::no_such_file_or_directory)
      return numbered(number - 1).native() + " cannot be renamed: " + error.message();
  }
  return std::nullopt;
}

}  // namespace pbxbridge::sink
