#include "sink/mqtt/paho/paho_trace.hpp"

#include <charconv>

namespace pbxbridge::sink {
namespace {

std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

/// "msgid: 3", "msgid:3" or "msgid 3", and more after it.
std::optional<std::uint16_t> identifier_of(std::string_view text) {
  const auto digits = text.find_first_of("0123456789");
  if (!text.starts_with("msgid") || digits == std::string_view::npos) return std::nullopt;
  return number<std::uint16_t>(text.substr(digits));
}

}  // namespace

std::optional<PahoCause> PahoTrace::read(std::string_view line) {
  take_word(line);  // day
  take_word(line);  // time
  if (line.starts_with("PINGRESP not received in keepalive interval") || line.starts_with("PINGREQ still outstanding"))
    return PahoCause{.kind = PahoCause::Kind::silence};
  const auto socket = number<int>(take_word(line));
  take_word(line);  // client id
  const std::string_view direction = take_word(line);
  const std::string_view type = take_word(line);
  if (!socket) return std::nullopt;
  if (direction == "->") {
    if (const auto identifier = identifier_of(line); type == "PUBLISH" && identifier)
      received_[*socket].reset(*identifier);
    return std::nullopt;  // what is sent in answer comes between a packet and its callback
  }
  if (direction != "<-") return std::nullopt;
  if (type == "CONNACK") received_[*socket].reset();
  if (type != "PUBACK" && type != "PUBREC" && type != "PUBCOMP") return PahoCause{.socket = *socket};
  const auto identifier = identifier_of(line);
  return identifier ? acknowledged(type, *socket, *identifier) : PahoCause{.socket = *socket};
}

PahoCause PahoTrace::acknowledged(std::string_view type, int socket, std::uint16_t identifier) {
  Identifiers& received = received_[socket];
  PahoCause cause{.after_pubrec = received[identifier], .socket = socket};
  received[identifier] = type == "PUBREC";
  cause.kind = type == "PUBACK"   ? PahoCause::Kind::puback
               : type == "PUBREC" ? PahoCause::Kind::pubrec
                                  : PahoCause::Kind::pubcomp;
  return cause;
}

}  // namespace pbxbridge::sink
