#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace pbxbridge::sink {

/// Collects what librdkafka reports of its brokers, and picks what an operator should know. Without a clock of its own.
class BrokerTroubles {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The error of a broker, whose text begins with its address. Returns a notice where the trouble lasts and others may
  /// be reached, once. Of one thread, as `first_error`.
  std::optional<std::string> add(const Error& error, Time now);
  /// The same as long as the trouble is the same, whichever broker was tried last.
  const Error* first_error() const { return errors_.empty() ? nullptr : &errors_.begin()->second.error; }

  /// A line of librdkafka's log; any thread.
  void note(std::string text);
  /// The last that was told in any way; empty where nothing was. Any thread.
  std::string last() const;

 private:
  struct BrokerError {
    Error error;
    Time first_at;
    Time last_at;
    bool is_reported = false;
  };

  std::map<std::string, BrokerError> errors_;  // the last of each, by its address
  mutable std::mutex mutex_;
  std::string last_;  // under mutex_
};

}  // namespace pbxbridge::sink
