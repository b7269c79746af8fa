#include "sink/file/file_target.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pbxbridge::sink {

namespace {

std::int64_t unix_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

}  // namespace

FileTarget::FileTarget(const FileSettings& settings) : settings_(settings), rotation_(settings) {}

Result<std::string> FileTarget::open() {
  if (auto error = open_file()) return std::move(*error);
  return settings_.path.native();
}

std::optional<Error> FileTarget::open_file() {
  file_.reset();  // its lock
  auto file = LineFile::open(settings_.path);
  if (!file) return file.error();
  file_ = std::move(*file);
  if (file_->cut_off() > 0)
    notice(settings_.path.native() + " ended with half a line, as a crash leaves it; " +
           std::to_string(file_->cut_off()) + " bytes were cut off, and their event is delivered again");
  if (settings_.fsync != Fsync::none) sync_directory(settings_.path.parent_path());
  return std::nullopt;
}

std::optional<Error> FileTarget::reopen() {
  if (auto error = flush()) return error;
  return open_file();
}

/// Lines appended to a deleted file are lost with it.
std::optional<Error> FileTarget::return_to_path() {
  if (file_->status().has_name) return std::nullopt;
  notice(settings_.path.native() + " was deleted while it was written; a new one is begun");
  return open_file();
}

std::optional<Error> FileTarget::rotate() {
  if (auto error = flush()) return error;
  if (auto problem = shift_files(settings_.path, settings_.keep_files)) {
    notice(*problem + "; the file grows on");
    return std::nullopt;
  }
  return open_file();
}

/// Fills `gathered_` with as many lines as fit, but one at least, and returns how many.
std::size_t FileTarget::gather(std::span<const std::string> lines, std::uint64_t room) {
  gathered_ = lines.front();
  std::size_t count = 1;
  while (count < lines.size() && gathered_.size() + lines[count].size() <= room) gathered_ += lines[count++];
  return count;
}

LinesWritten FileTarget::write(std::span<const std::string> lines) {
  if (auto error = return_to_path()) return {.failure = std::move(error)};
  std::size_t written = 0;
  while (written < lines.size()) {
    const auto rest = lines.subspan(written);
    const auto before = file_->status();
    if (rotation_.is_due(before.size, rest.front().size(), before.modified_at, unix_now()))
      if (auto error = rotate()) return {.failure = std::move(error)};
    const auto count = gather(rest, rotation_.room(file_->status().size));
    if (auto problem = file_->append(gathered_)) {
      if (problem->trouble == LineFile::Trouble::full) return confirm(written, std::move(problem->text));
      return {.failure = Error{ErrorCategory::storage, std::move(problem->text)}};
    }
    written += count;
    if (settings_.fsync != Fsync::none && !flush_at_) flush_at_ = Clock::now() + settings_.fsync_interval;
  }
  return confirm(written, std::nullopt);
}

LinesWritten FileTarget::confirm(std::size_t lines, std::optional<std::string> retry) {
  if (settings_.fsync == Fsync::always)
    if (auto error = flush()) return {.failure = std::move(error)};
  return {.lines = lines, .retry = std::move(retry)};
}

std::optional<Error> FileTarget::flush() {
  if (!flush_at_) return std::nullopt;
  flush_at_.reset();
  if (auto problem = file_->sync()) return Error{ErrorCategory::storage, std::move(problem->text)};
  return std::nullopt;
}

}  // namespace pbxbridge::sink
