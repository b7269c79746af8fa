#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace pbxbridge::observe {

/// Writes lines to a descriptor from a thread of its own, for the reader at its other end may have stopped. Nothing
/// here waits for that reader: the oldest lines beyond `max_lines` are dropped, and how many is written in their place
/// as soon as a line is taken. Safe to call from any thread.
class StreamWriter {
 public:
  static constexpr std::size_t max_lines = 2048;
  /// The line, without its line break, that tells of so many dropped lines.
  using DroppedLine = std::function<std::string(std::size_t dropped)>;

  /// `descriptor` is not closed. `DroppedLine` is called on the writer's thread.
  StreamWriter(int descriptor, DroppedLine dropped_line);
  /// Waits until all is written, but for no longer than 300 ms in which nothing is, and 2 s together. The rest is lost.
  ~StreamWriter();
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  /// A line without its line break.
  void write(std::string line);

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;
};

}  // namespace pbxbridge::observe
