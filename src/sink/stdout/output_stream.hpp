#pragma once

#include "sink/line_target.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// A descriptor that whole lines are written to. It outlives the sinks that write to it one after the other, so that
/// half a line that one of them had to leave is ended by the next.
class OutputStream {
 public:
  /// Duplicates the descriptor. `name` is for errors.
  OutputStream(int descriptor, std::string name);
  ~OutputStream();
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;

  const std::string& name() const { return name_; }
  /// Checks that it is open and has a reader, as far as can be known without writing.
  std::optional<Error> check() const;
  /// Blocks while the reader does not read.
  LinesWritten write(std::span<const std::string> lines);

 private:
  /// Error code, or 0; what was written is taken off `bytes`.
  int write_all(std::string_view& bytes) const;
  LinesWritten explain(int code, std::size_t lines) const;

  int descriptor_;
  std::string name_;
  std::mutex mutex_;        // one batch at a time
  std::string unfinished_;  // under mutex_: the rest of a line that stands there in part
};

class StreamTarget final : public LineTarget {
 public:
  explicit StreamTarget(std::shared_ptr<OutputStream> stream) : stream_(std::move(stream)) {}

  Result<std::string> open() override {
    if (auto error = stream_->check()) return std::move(*error);
    return stream_->name();
  }
  LinesWritten write(std::span<const std::string> lines) override { return stream_->write(lines); }

 private:
  std::shared_ptr<OutputStream> stream_;
};

}  // namespace pbxbridge::sink
