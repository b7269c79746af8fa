#include "spool/dead_letters/dead_letter_command.hpp"

#include <boost/algorithm/hex.hpp>

#include <charconv>
#include <iterator>

namespace pbxbridge::spool {

namespace {

constexpr std::string_view accepted = "ok ";
constexpr std::string_view rejected = "error: ";

std::string_view cut_word(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

}  // namespace

std::string to_line(const DeadLetterCommand& command) {
  std::string line = command.action == DeadLetterCommand::Action::redrive ? "redrive " : "drop ";
  line += command.sink;
  if (!command.letter.empty()) line += " " + to_hex(command.letter);
  return line;
}

std::optional<DeadLetterCommand> parse_dead_letter_command(std::string_view line) {
  DeadLetterCommand command;
  const auto action = cut_word(line);
  if (action == "drop")
    command.action = DeadLetterCommand::Action::drop;
  else if (action != "redrive")
    return std::nullopt;
  command.sink = cut_word(line);
  const auto letter = from_hex(line);
  if (command.sink.empty() || !letter) return std::nullopt;
  command.letter = *letter;
  return command;
}

std::string to_answer(const Result<std::uint64_t>& count) {
  return count ? std::string(accepted) + std::to_string(*count) : std::string(rejected) + count.error().text;
}

Result<std::uint64_t> parse_answer(std::string_view answer) {
  std::uint64_t count = 0;
  if (answer.starts_with(accepted)) {
    const auto number = answer.substr(accepted.size());
    if (std::from_chars(number.data(), number.data() + number.size(), count).ec == std::errc()) return count;
  }
  if (answer.starts_with(rejected)) answer.remove_prefix(rejected.size());
  return Error{ErrorCategory::rejected, std::string(answer)};
}

std::string to_hex(std::string_view letter) {
  std::string text;
  boost::algorithm::hex_lower(letter.begin(), letter.end(), std::back_inserter(text));
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string letter;
  try {
    boost::algorithm::unhex(text.begin(), text.end(), std::back_inserter(letter));
  } catch (const boost::algorithm::hex_decode_error&) {
    return std::nullopt;
  }
  return letter;
}

}  // namespace pbxbridge::spool
