#pragma once

#include "spool/dead_letters/dead_letter.hpp"

#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Keeps what sinks have rejected for good. Io thread.
class DeadLetters {
 public:
  virtual ~DeadLetters() = default;

  /// Called before the event is acknowledged: the letter is as durable as the acknowledgement that passes it, or
  /// more.
  virtual void bury(const std::string& sink, DeadLetter letter) = 0;
  /// The next letters of this sink that an operator wants delivered after all, about 1 MiB of them; `on_readable` of
  /// the log follows where some have been read from the disk. Each is returned once, until it is buried again or
  /// forgotten.
  virtual std::vector<DeadLetter> take_redriven(const std::string& sink) = 0;
  /// A letter that was taken has not been tried to the end: it is returned again.
  virtual void give_back(const std::string& sink, const DeadLetter& letter) = 0;
  /// A redriven letter has been delivered.
  virtual void forget(const std::string& sink, const DeadLetter& letter) = 0;
};

}  // namespace pbxbridge::spool
