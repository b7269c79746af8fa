#include "pbx/answer_fields.hpp"

#include "event/json_repair.hpp"
#include "event/number_text.hpp"
#include "text/peer_words.hpp"

#include <simdjson.h>

#include <charconv>
#include <string>

namespace pbxbridge::pbx {
namespace {

namespace ondemand = simdjson::ondemand;

std::optional<Command> command_from(ondemand::value& value) {
  std::string_view name;
  if (value.get_string().get(name) != simdjson::SUCCESS) return {};
  return enum_from_string<Command>(name);
}

/// A number in any form (`0.0` and `0e0` are 0), or the same as a text.
std::optional<std::int64_t> status_from(ondemand::value& value) {
  std::string_view token;
  if (value.get_string().get(token) != simdjson::SUCCESS) {
    token = value.raw_json_token();
    token = token.substr(0, token.find_first_not_of("0123456789+-.eE"));
  }
  std::string digits;
  const std::string_view text = event::number_text(token, digits);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

void take(AnswerFields& fields, std::string_view key, ondemand::value& value) {
  if (key == "command") {
    fields.has_command = true;
    fields.command = command_from(value);
  } else if (key == "event_type") {
    fields.has_event_type = true;
  } else if (key == "status") {
    fields.has_status = true;
    fields.status = status_from(value);
  } else if (key == "error") {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) fields.error = text::peer_log_text(text);
  } else if (key != "id") {
    fields.has_others = true;
  }
}

// On demand, because a number that fits no integer type must not hide an answer: what is not looked at is not
// converted.
std::optional<AnswerFields> read_valid(std::string_view frame) {
  const simdjson::padded_string copy(frame);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(copy).get(document) != simdjson::SUCCESS) return {};
  if (document.get_object().get(object) != simdjson::SUCCESS) return {};

  AnswerFields fields;
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) return {};
    take(fields, key, value);
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return {};  // something follows the object
  return fields;
}

}  // namespace

std::optional<AnswerFields> read_answer_fields(std::string_view frame) {
  if (auto fields = read_valid(frame)) return fields;
  // An answer whose words are in another charset, or over two lines, is an answer all the same.
  for (const auto charset : {event::Charset::single_byte, event::Charset::double_byte})
    if (auto fields = read_valid(event::repair_json(frame, charset).text)) return fields;
  return std::nullopt;
}

}  // namespace pbxbridge::pbx
