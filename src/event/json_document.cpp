#include "event/json_document.hpp"

#include "event/number_text.hpp"

#include <charconv>
#include <cstring>

namespace pbxbridge::event {

namespace {

// One frame of 1 MiB makes the parser hold some 14 MiB; a process has several parsers.
constexpr std::size_t large = 256 * 1024;

namespace ondemand = simdjson::ondemand;

bool enter_object(ondemand::value& value, std::string_view name) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    if (key == name) return field.value().get(value) == simdjson::SUCCESS;
  }
  return false;
}

bool enter_array(ondemand::value& value, std::size_t index) {
  ondemand::array array;
  return value.get_array().get(array) == simdjson::SUCCESS && array.at(index).get(value) == simdjson::SUCCESS;
}

bool enter(ondemand::value& value, std::string_view segment) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::object) return enter_object(value, segment);
  const auto index = array_index(segment);
  return index && enter_array(value, *index);
}

}  // namespace

void JsonDocument::parse(std::string_view payload) {
  if (parsed_ && payload == std::string_view(payload_.data(), payload_size_)) return;
  let_go_of_large_buffers(payload.size());
  const auto needed = payload.size() + simdjson::SIMDJSON_PADDING;
  if (payload_.size() < needed) payload_.resize(needed);
  std::memcpy(payload_.data(), payload.data(), payload.size());
  payload_size_ = payload.size();
  parsed_ = true;
  has_huge_number_ = false;
  is_utf8_ = true;
  if (parse_text({payload_.data(), payload_size_})) return;  // succeeds only with UTF-8

  is_utf8_ = simdjson::validate_utf8(payload.data(), payload.size());
  if (parse_repaired(repair_json(payload)) || is_utf8_) return;
  parse_repaired(repair_json(payload, Charset::double_byte));
}

bool JsonDocument::parse_repaired(RepairedJson repaired) {
  repaired_ = std::move(repaired.text);
  const auto repaired_size = repaired_.size();
  repaired_.resize(repaired_size + simdjson::SIMDJSON_PADDING);
  if (!parse_text({repaired_.data(), repaired_size})) return false;
  has_huge_number_ = repaired.huge_numbers;
  if (repaired.was_not_json) kind_ = PayloadKind::not_json;
  return true;
}

bool JsonDocument::parse_text(std::string_view text) {
  root_.reset();
  kind_ = PayloadKind::not_json;
  parsed_text_ = text;
  if (text.empty()) return false;
  simdjson::dom::element root;
  if (parser_.parse(text.data(), text.size(), false).get(root) != simdjson::SUCCESS) return false;
  root_ = root;
  kind_ = root.is_object() ? PayloadKind::json_object : PayloadKind::json_other;
  return true;
}

void JsonDocument::let_go_of_large_buffers(std::size_t size) {
  if (size > large || payload_.size() <= large) return;
  root_.reset();
  parser_ = simdjson::dom::parser();
  payload_ = {};
  repaired_ = {};
}

std::optional<std::string_view> JsonDocument::number_token(std::span<const std::string_view> path) {
  // No member: its layout depends on how a translation unit is optimised (SIMDJSON_DEVELOPMENT_CHECKS).
  ondemand::parser parser;
  ondemand::document document;
  ondemand::value value;
  const simdjson::padded_string_view text(parsed_text_.data(), parsed_text_.size(),
                                          parsed_text_.size() + simdjson::SIMDJSON_PADDING);
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_value().get(value) != simdjson::SUCCESS) return std::nullopt;
  for (const auto segment : path)
    if (!enter(value, segment)) return std::nullopt;
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.find_first_not_of("0123456789+-.eE"));
}

std::optional<std::string_view> ScalarText::of_exact(simdjson::dom::element value) {
  const auto written = [this](auto number) {
    const auto [end, error] = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number);
    return std::string_view(digits_.data(), static_cast<std::size_t>(end - digits_.data()));
  };
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::STRING:
      return value.get_string().value_unsafe();
    case element_type::INT64:
      return written(value.get_int64().value_unsafe());
    case element_type::UINT64:
      return written(value.get_uint64().value_unsafe());
    case element_type::BOOL:
      return value.get_bool().value_unsafe() ? "true" : "false";
    case element_type::DOUBLE:  // of_token
    case element_type::ARRAY:
    case element_type::OBJECT:
    case element_type::NULL_VALUE:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string_view> ScalarText::of_token(std::optional<std::string_view> token) {
  return token ? std::optional(number_text(*token, number_)) : std::nullopt;
}

std::optional<std::size_t> array_index(std::string_view segment) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
  if (error != std::errc() || end != segment.data() + segment.size()) return std::nullopt;
  return index;
}

}  // namespace pbxbridge::event
