#pragma once

#include "sink/file/file_settings.hpp"
#include "sink/file/line_file.hpp"
#include "sink/file/rotation.hpp"
#include "sink/line_target.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace pbxbridge::sink {

/// Lines into a file, with rotation and the fsync policy.
class FileTarget final : public LineTarget {
 public:
  explicit FileTarget(const FileSettings& settings);

  Result<std::string> open() override;
  LinesWritten write(std::span<const std::string> lines) override;
  std::optional<Error> reopen() override;
  std::optional<Clock::time_point> flush_at() const override { return flush_at_; }
  std::optional<Error> flush() override;

 private:
  std::optional<Error> open_file();
  std::optional<Error> return_to_path();
  std::optional<Error> rotate();
  std::size_t gather(std::span<const std::string> lines, std::uint64_t room);
  LinesWritten confirm(std::size_t lines, std::optional<std::string> retry);

  FileSettings settings_;
  Rotation rotation_;
  std::unique_ptr<LineFile> file_;  // never null once opened
  std::string gathered_;            // kept for its capacity
  std::optional<Clock::time_point> flush_at_;
};

}  // namespace pbxbridge::sink
