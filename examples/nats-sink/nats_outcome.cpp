#include "nats_outcome.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>

namespace nats_sink {

using pbxbridge::Outcome;

namespace {

/// The number after `"name":`; 0 where there is none. The server writes its answers without blanks.
int number_of(std::string_view answer, std::string_view name) {
  const auto at = answer.find("\"" + std::string(name) + "\":");
  if (at == std::string_view::npos) return 0;
  const auto digits = answer.substr(at + name.size() + 3);
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string text_of(std::string_view answer, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const auto at = answer.find(key);
  if (at == std::string_view::npos) return {};
  const auto text = answer.substr(at + key.size());
  return std::string(text.substr(0, text.find('"')));
}

/// Messages that the stream rejects each time. All others can change: quotas, leaders, storage.
constexpr int rejected_for_good[] = {
    10054,  // JSStreamMessageExceedsMaximumErr: message size exceeds maximum allowed
    10043,  // JSStreamHeaderExceedsMaximumErr: header size exceeds maximum allowed of 64k
};

}  // namespace

Outcome outcome_of(std::string_view answer) {
  if (answer.find("\"error\":") == std::string_view::npos) {
    if (!text_of(answer, "stream").empty()) return Outcome::delivered();
    return Outcome::retry("the server's answer is not a stream's acknowledgement");
  }
  const int code = number_of(answer, "err_code");
  const bool is_for_good = std::ranges::find(rejected_for_good, code) != std::end(rejected_for_good);
  return {is_for_good ? Outcome::Kind::reject : Outcome::Kind::retry, "JetStream error " + std::to_string(code),
          text_of(answer, "description")};
}

Outcome no_responders() {
  return Outcome::retry("no stream takes this subject; create one, or let an existing one list it");
}

}  // namespace nats_sink
