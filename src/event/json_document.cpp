#include "event/json_document.hpp"

#include "event/json_mend.hpp"

#include <charconv>
#include <cstring>

namespace pbxbridge::event {

namespace {

// One frame of 1 MiB makes the parser hold some 14 MiB; a process has several parsers.
constexpr std::size_t large = 256 * 1024;

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
  if (parse_text({payload_.data(), payload_size_})) return;

  auto mended = mend_json(payload);
  mended_ = std::move(mended.text);
  const auto mended_size = mended_.size();
  mended_.resize(mended_size + simdjson::SIMDJSON_PADDING);
  if (!parse_text({mended_.data(), mended_size})) return;
  has_huge_number_ = mended.huge_numbers;
  if (mended.was_not_json) kind_ = PayloadKind::not_json;
}

bool JsonDocument::parse_text(std::string_view text) {
  root_.reset();
  kind_ = PayloadKind::not_json;
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
  mended_ = {};
}

std::optional<std::string_view> ScalarText::of(simdjson::dom::element value) {
  const auto written = [this](auto number) {
    const auto [end, error] = std::to_chars(buffer_.data(), buffer_.data() + buffer_.size(), number);
    return std::string_view(buffer_.data(), static_cast<std::size_t>(end - buffer_.data()));
  };
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::STRING:
      return value.get_string().value_unsafe();
    case element_type::INT64:
      return written(value.get_int64().value_unsafe());
    case element_type::UINT64:
      return written(value.get_uint64().value_unsafe());
    case element_type::DOUBLE:
      return written(value.get_double().value_unsafe());
    case element_type::BOOL:
      return value.get_bool().value_unsafe() ? "true" : "false";
    case element_type::ARRAY:
    case element_type::OBJECT:
    case element_type::NULL_VALUE:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace pbxbridge::event
