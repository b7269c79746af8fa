#pragma once

#include "judge.hpp"

#include <chrono>
#include <string>

namespace pbxbridge::test {

/// A broker as one sink of pbxbridge sees it, and as an independent consumer does. Events go to topics of their own
/// there; marks, by which recovery is measured, to another one.
class Witness {
 public:
  virtual ~Witness() = default;

  /// The sink's name, and its entry under `sinks`.
  virtual std::string sink() const = 0;
  virtual std::string sink_entry() const = 0;
  /// The destinations of events and of marks, as entries under `to`.
  virtual std::string destination() const = 0;
  virtual std::string mark_destination() const = 0;

  /// All that the consumer got.
  virtual Arrivals arrivals() = 0;
  /// Waits until a mark with this text has come.
  [[nodiscard]] virtual bool wait_for_mark(const std::string& text, std::chrono::milliseconds deadline) = 0;
};

}  // namespace pbxbridge::test
