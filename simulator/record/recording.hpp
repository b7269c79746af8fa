#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

// A recording is a text file of JSON lines: a head, then each message of a session in the order in which it went over
// the wire. Times are microseconds since the head's.
//
//     {"pbxbridge_recording":1,"started_us":1764000000000000}
//     {"after_us":51234,"sent":"{\"command\":\"auth\",...}"}
//     {"after_us":63102,"received":"{\"command\":\"auth\",\"id\":\"1\",\"status\":0}"}
//     {"after_us":70411,"received_hex":"4dfc6c6c6572"}             bytes that are not UTF-8
//     {"after_us":70999,"received_hex":"00ff","binary":true}       a binary message

struct RecordedMessage {
  std::chrono::microseconds after{};
  bool sent = false;    ///< by the client; otherwise received by it
  bool binary = false;  ///< a binary message rather than a text
  std::string bytes;
  bool operator==(const RecordedMessage&) const = default;
};

/// Without line breaks. `started_us` is UNIX time.
std::string recording_head(std::int64_t started_us);
std::string recording_line(const RecordedMessage& message);

/// Returns whether the PBX pushed it: it is neither a command nor an answer to one.
bool is_push(const RecordedMessage& message);

/// Reads a recording; or a file without a head, of which each line is a received message as it is, at no known time.
class RecordingReader {
 public:
  /// `input` must outlive this object.
  explicit RecordingReader(std::istream& input);

  /// UNIX time; nothing where there is no head.
  std::optional<std::int64_t> started_us() const { return started_us_; }
  bool has_times() const { return started_us_.has_value(); }

  /// Returns nothing at the end. An error names the line and what is wrong with it; nothing more can be read then.
  Result<std::optional<RecordedMessage>> next();

 private:
  Result<std::optional<RecordedMessage>> parse(std::string_view line) const;

  std::istream& input_;
  std::optional<std::int64_t> started_us_;
  std::optional<std::string> first_line_;  ///< of a file without a head
  std::size_t line_number_ = 0;
  std::string head_error_;
};

}  // namespace pbxbridge::sim
