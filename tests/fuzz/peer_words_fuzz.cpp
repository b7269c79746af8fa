// Words of a peer that are logged: without secrets, without what they repeat of a payload, without numbers.

#include "deliver/repeated_payload.hpp"
#include "fuzz/check.hpp"
#include "text/ascii.hpp"
#include "text/log_text.hpp"
#include "text/peer_words.hpp"
#include "text/secrets.hpp"

#include <algorithm>
#include <string>

using pbxbridge::fuzz::check;
namespace text = pbxbridge::text;

namespace {

constexpr std::string_view secret = "open-sesame=of+the/bridge";
constexpr std::size_t shortest_run = 8;

void check_secret(std::string_view before, std::string_view after) {
  const std::string words = std::string(before).append(secret).append(after);
  check(text::without_secrets(words).find(secret) == std::string::npos, "no secret is left");
  check(text::log_text(words, 60).find(secret) == std::string::npos, "none is left where words are cut");
  check(text::peer_log_text(words).find(secret) == std::string::npos, "none is left in the words of a PBX");
}

/// Nothing of the payload may stand between two parts that are hidden, or before the first.
void check_payload(std::string_view words, std::string_view payload) {
  constexpr char mark = '\x01';
  pbxbridge::deliver::RepeatedPayload repeated(words);
  repeated.look_in(payload);
  text::HiddenParts hidden;
  repeated.hide(std::string_view(&mark, 1), hidden);
  std::string seen(words.size(), '\0');
  for (const text::Hidden& part : hidden) {
    check(part.begin < part.end && part.end <= words.size(), "a hidden part stands in the words");
    std::fill(seen.begin() + static_cast<std::ptrdiff_t>(part.begin),
              seen.begin() + static_cast<std::ptrdiff_t>(part.end), mark);
  }
  for (std::size_t at = 0; at + shortest_run <= words.size(); ++at) {
    const bool is_hidden = std::string_view(seen).substr(at, shortest_run).find(mark) != std::string_view::npos;
    check(is_hidden || payload.find(words.substr(at, shortest_run)) == std::string_view::npos,
          "nothing of the payload is left");
  }
}

void check_numbers(std::string_view words) {
  constexpr std::size_t shortest_number = 6;
  text::HiddenParts hidden;
  text::hide_numbers(words, hidden);
  std::size_t digits = 0;
  for (const char character : text::without_hidden(words, hidden)) {
    digits = text::is_digit(character) ? digits + 1 : 0;
    check(digits < shortest_number, "no long number is left");
  }
}

}  // namespace

/// A payload, a line break, and words that may repeat it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most = 2'000;
  static const bool is_known = [] {
    text::remember_secret(secret);
    return true;
  }();
  check(is_known, "the secret is known");
  const std::string_view input = pbxbridge::fuzz::text_of(data, std::min(size, most));
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string_view payload = input.substr(0, end);
  const std::string_view words = input.substr(std::min(end + 1, input.size()));
  check_secret(payload, words);
  check_payload(words, payload);
  check_payload(std::string(words).append(payload).append(words), payload);
  check_numbers(words);
  check(text::peer_log_text(words).size() <= 210, "the words are cut");
  return 0;
}
