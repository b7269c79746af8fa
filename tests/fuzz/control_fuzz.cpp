// Lines that come over the control socket, and what a process answers.

#include "fuzz/check.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"
#include "tap/tap_request.hpp"

using pbxbridge::fuzz::check;
namespace spool = pbxbridge::spool;
namespace tap = pbxbridge::tap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pbxbridge::fuzz::text_of(data, size);
  if (const auto command = spool::parse_dead_letter_command(text)) {
    check(!command->sink.empty(), "a command names a sink");
    const auto again = spool::parse_dead_letter_command(spool::to_line(*command));
    check(again && again->action == command->action && again->sink == command->sink && again->letter == command->letter,
          "a command that was written is read as the same");
  }
  if (const auto request = tap::parse_tap_request(text); request && *request) {
    const std::string line = tap::to_line(**request);
    check(line.find('\n') == std::string::npos, "a request is one line");
    const auto again = tap::parse_tap_request(line);
    check(again && *again && tap::to_line(**again) == line, "a request that was written is read as the same");
  }
  if (const auto count = spool::parse_answer(text)) {
    const auto again = spool::parse_answer(spool::to_answer(*count));
    check(again && *again == *count, "a count that was written is read as the same");
  }
  if (const auto letter = spool::from_hex(text)) check(letter->size() * 2 == size, "each byte has two digits");
  check(spool::from_hex(spool::to_hex(text)) == std::string(text), "hexadecimal and back is the same");
  return 0;
}
