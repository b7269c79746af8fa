#include "derive/state/payload_reader.hpp"

#include "event/attribute_text.hpp"
#include "event/sip_uri.hpp"
#include "event/unix_time.hpp"
#include "text/exchangeable.hpp"
#include "text/utf8.hpp"

#include <cmath>
#include <cstdint>

namespace pbxbridge::derive::state {

std::optional<std::string_view> scalar_text(simdjson::dom::element value, event::ScalarText& digits,
                                            std::string& buffer) {
  constexpr double last_exact = 9007199254740992.0;  // 2^53
  if (!value.is_double()) return digits.of_exact(value);
  const double number = value.get_double().value_unsafe();
  if (std::abs(number) > last_exact || number != std::trunc(number)) return std::nullopt;
  return buffer = std::to_string(static_cast<std::int64_t>(number));
}

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > id_size_max) return false;
  std::string replaced;
  return text::exchangeable(text, replaced).data() == text.data();
}

/// Nothing that names something may be cut before it is read: it would name something else.
std::optional<std::string_view> PayloadReader::whole_text(std::string_view field) {
  simdjson::dom::element value;
  if (object_.at_key(field).get(value) != simdjson::SUCCESS) return std::nullopt;
  return scalar_text(value, digits_, buffer_);
}

std::optional<std::string_view> PayloadReader::text(std::string_view field) {
  const auto found = whole_text(field);
  return found ? std::optional(text::utf8_prefix(*found, text_size_max)) : std::nullopt;
}

std::optional<std::string_view> PayloadReader::user(std::string_view field) {
  const auto address = whole_text(field);
  return address ? std::optional(event::sip_user(*address, buffer_)) : std::nullopt;
}

/// An escape in the address may stand for any byte.
std::optional<std::string_view> PayloadReader::party(std::string_view field) {
  const auto found = user(field);
  if (!found) return std::nullopt;
  return text::utf8_prefix(event::attribute_text(*found, replaced_), text_size_max);
}

std::optional<std::string_view> PayloadReader::id(std::string_view field) {
  const auto found = whole_text(field);
  return found && is_id(*found) ? found : std::nullopt;
}

std::optional<std::string_view> PayloadReader::extension(std::string_view field) {
  const auto found = user(field);
  return found && is_id(*found) ? found : std::nullopt;
}

std::optional<bool> PayloadReader::flag(std::string_view field) {
  const auto found = text(field);
  if (found == "true" || found == "1") return true;
  if (found == "false" || found == "0") return false;
  return std::nullopt;
}

std::optional<Seconds> PayloadReader::time(std::string_view field) {
  const auto found = text(field);
  const auto time = found ? event::unix_time(*found) : std::nullopt;
  return time ? std::optional(Seconds{time->time_since_epoch().count()}) : std::nullopt;
}

std::optional<simdjson::dom::array> PayloadReader::array(std::string_view field) const {
  simdjson::dom::array found;
  return object_.at_key(field).get(found) == simdjson::SUCCESS ? std::optional(found) : std::nullopt;
}

}  // namespace pbxbridge::derive::state
