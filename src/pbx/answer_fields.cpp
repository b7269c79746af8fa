#include "pbx/answer_fields.hpp"

#include "pbx/readable.hpp"

#include <simdjson.h>

#include <charconv>

namespace pbxbridge::pbx {
namespace {

std::optional<Command> command_from(const simdjson::dom::element& value) {
  std::string_view name;
  if (value.get_string().get(name) != simdjson::SUCCESS) return {};
  for (const Command command : {Command::auth, Command::subscribe, Command::unsubscribe})
    if (name == to_string(command)) return command;
  return {};
}

std::optional<std::int64_t> status_from(const simdjson::dom::element& value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::optional<AnswerFields> read_answer_fields(std::string_view frame) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(frame.data(), frame.size()).get_object().get(object) != simdjson::SUCCESS) return {};

  AnswerFields fields;
  for (const auto& [key, value] : object) {
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
      if (value.get_string().get(text) == simdjson::SUCCESS) fields.error = readable(text);
    } else if (key != "id") {
      fields.has_others = true;
    }
  }
  return fields;
}

}  // namespace pbxbridge::pbx
