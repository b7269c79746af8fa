#pragma once

#include "pbx/dialect.hpp"

#include <optional>
#include <string_view>

namespace pbxbridge::pbx {

/// Fields at the top level of a frame that distinguish an answer from an event.
struct AnswerFields {
  bool has_command = false;
  std::optional<Command> command;  ///< nothing where it is none that pbxbridge sends
  bool has_event_type = false;
  bool has_status = false;
  std::optional<std::int64_t> status;  ///< a whole number, also where it stands in a string
  std::string error;                   ///< as `text::peer_log_text` leaves it
  bool has_others = false;             ///< fields other than command, id, status and error
};

/// Returns nothing where the frame is not a JSON object.
std::optional<AnswerFields> read_answer_fields(std::string_view frame);

}  // namespace pbxbridge::pbx
