// Recordings of sessions, which users hand in, and what is made of them before they do.

#include "fuzz/check.hpp"
#include "simulator/record/recording.hpp"
#include "simulator/record/sanitiser.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <sstream>

using pbxbridge::fuzz::check;
using namespace pbxbridge::sim;

namespace {

/// Says whether there is a number that other digits may make larger than a double can be, which readers reject.
bool has_huge_number(std::string_view text) {
  constexpr std::size_t far_below_a_double = 200;
  const auto exponent = [](char character) { return character == 'e' || character == 'E'; };
  const auto digit = [](unsigned char character) { return std::isdigit(character) != 0; };
  return std::ranges::any_of(text, exponent) ||
         static_cast<std::size_t>(std::ranges::count_if(text, digit)) > far_below_a_double;
}

void check_round_trip(const RecordedMessage& message) {
  std::istringstream input(recording_head(0) + "\n" + recording_line(message) + "\n");
  RecordingReader reader(input);
  const auto again = reader.next();
  check(again && *again && **again == message, "a message is read as it was written");
}

/// Both keep what they have once computed, for a fuzzer repeats itself.
void check_sanitised(const std::string& text) {
  static Sanitiser sanitiser("a key", {});
  static Sanitiser another("a key", {});
  const auto sanitised = sanitiser.message(text);
  check(sanitised == another.message(text), "one key, one result");
  if (nlohmann::json::accept(text) && !has_huge_number(text))
    check(nlohmann::json::accept(sanitised), "JSON stays JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream input{std::string(pbxbridge::fuzz::text_of(data, size))};
  RecordingReader reader(input);
  for (;;) {
    const auto message = reader.next();
    if (!message) {
      check(message.error().text.starts_with("line "), "an error says where it is");
      return 0;
    }
    if (!*message) return 0;
    check_round_trip(**message);
    check_sanitised((*message)->bytes);
    static_cast<void>(is_push(**message));
  }
}
