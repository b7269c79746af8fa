#pragma once

#include "event/json_document.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pbxbridge::explain {

/// Division of the text into events.
enum class InputForm : std::uint8_t {
  json,   ///< JSON values, each on a line of its own or over several lines
  lines,  ///< each line is one event, whatever it holds
};

/// The bytes of one event, as a PBX would push them.
struct InputEvent {
  std::uint64_t line = 0;  ///< in which it begins, from 1
  std::string payload;
};

/// Input that could not be taken for an event; reading goes on after it.
struct InputError {
  std::uint64_t line = 0;
  std::uint64_t column = 0;  ///< in bytes, from 1
  std::string text;          ///< a clause; may quote a few characters of the input
};

/// Divides a text into events. Holds one event at a time, so that the text may be of any length.
class EventReader {
 public:
  /// Longest event in bytes; more than a PBX may push (`max_frame_size`).
  static constexpr std::size_t longest_event = 64 * 1024 * 1024;

  /// `input` must outlive this object.
  EventReader(std::istream& input, InputForm form) : input_(input), form_(form) {}

  /// The next event or error; nothing at the end. Empty lines are left out.
  std::optional<std::variant<InputEvent, InputError>> next();

 private:
  struct Line {
    std::uint64_t number = 0;
    std::string text;  // without its line break
    bool too_long = false;
  };

  std::optional<Line> take_line();
  std::optional<Line> read_line();
  bool is_readable(std::string_view text);
  std::variant<InputEvent, InputError> read_on(Line first);
  void skip_to_next_value();

  std::istream& input_;
  const InputForm form_;
  event::JsonDocument document_;
  std::deque<Line> waiting_;     // read already, for a value that did not become one
  std::uint64_t last_line_ = 0;  // number of the last line that was read
  std::size_t read_twice_ = 0;   // bytes; bounded, so that no input costs the square of its length
};

}  // namespace pbxbridge::explain
