#pragma once

#include "pbxbridge/error.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// Commands of an operator for dead letters, also to a running process: `redrive SINK [LETTER]`, `drop SINK
/// [LETTER]` on its control socket, answered by `ok COUNT` or `error: TEXT`.
struct DeadLetterCommand {
  enum class Action : std::uint8_t { redrive, drop };
  Action action = Action::redrive;
  std::string sink;
  std::string letter;  ///< dead_letter_key; empty: all of the sink's
};

std::string to_line(const DeadLetterCommand& command);
std::optional<DeadLetterCommand> parse_dead_letter_command(std::string_view line);

std::string to_answer(const Result<std::uint64_t>& count);
Result<std::uint64_t> parse_answer(std::string_view answer);

/// A letter's name as it is shown, hexadecimal, and back.
std::string to_hex(std::string_view letter);
std::optional<std::string> from_hex(std::string_view text);

}  // namespace pbxbridge::spool
