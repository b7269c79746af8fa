#include "simulator/record/recording.hpp"

#include "simulator/protocol/hex.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

namespace pbxbridge::sim {

namespace {

using nlohmann::json;

constexpr const char* head_key = "pbxbridge_recording";
constexpr int version = 1;

/// Nothing that is read here nests deeper. nlohmann discards the rest instead of building it.
bool is_shallow(int depth, json::parse_event_t, const json&) { return depth < 4; }

json parsed(std::string_view line) { return json::parse(line, is_shallow, false); }

template <class Number>
std::optional<Number> whole_number(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<Number>();
}

struct Content {
  std::string bytes;
  bool sent;
};

/// The one field that holds the message. Nothing where there is none, several, or one of the wrong type.
std::optional<Content> content_of(const json& object) {
  std::optional<Content> content;
  for (const bool sent : {false, true})
    for (const bool hex : {false, true}) {
      const auto found = object.find(std::string(sent ? "sent" : "received") + (hex ? "_hex" : ""));
      if (found == object.end()) continue;
      if (content || !found->is_string()) return std::nullopt;
      auto bytes = hex ? bytes_of_hex(found->get_ref<const std::string&>()) : found->get<std::string>();
      if (!bytes) return std::nullopt;
      content = Content{std::move(*bytes), sent};
    }
  return content;
}

}  // namespace

std::string recording_head(std::int64_t started_us) {
  return fmt::format(R"({{"{}":{},"started_us":{}}})", head_key, version, started_us);
}

std::string recording_line(const RecordedMessage& message) {
  const auto* direction = message.sent ? "sent" : "received";
  const bool is_text = !message.binary && simdjson::validate_utf8(message.bytes);
  const auto content = is_text ? fmt::format(R"("{}":{})", direction, json(message.bytes).dump())
                               : fmt::format(R"("{}_hex":"{}")", direction, hex_of_bytes(message.bytes));
  return fmt::format(R"({{"after_us":{},{}{}}})", message.after.count(), content,
                     message.binary ? R"(,"binary":true)" : "");
}

bool is_push(const RecordedMessage& message) {
  if (message.sent) return false;
  const auto object = parsed(message.bytes);
  return !object.is_object() || object.contains("event_type") ||
         !(object.contains("command") || object.contains("status"));
}

RecordingReader::RecordingReader(std::istream& input) : input_(input) {
  std::string line;
  if (!std::getline(input_, line)) return;
  const auto head = parsed(line);
  if (!head.is_object() || !head.contains(head_key)) {
    first_line_ = std::move(line);
    return;
  }
  line_number_ = 1;
  started_us_ = whole_number<std::int64_t>(head, "started_us");
  if (whole_number<std::int64_t>(head, head_key) != version)
    head_error_ = fmt::format("line 1: this is not a recording of version {}", version);
  else if (!started_us_)
    head_error_ = "line 1: `started_us` is missing or no whole number";
}

Result<std::optional<RecordedMessage>> RecordingReader::next() {
  if (!head_error_.empty()) return Error{ErrorCategory::configuration, head_error_};
  std::string line;
  if (first_line_) {
    line = std::move(*first_line_);
    first_line_.reset();
  } else if (!std::getline(input_, line)) {
    return std::optional<RecordedMessage>();
  }
  ++line_number_;
  if (!has_times()) return std::optional(RecordedMessage{.bytes = std::move(line)});
  return parse(line);
}

Result<std::optional<RecordedMessage>> RecordingReader::parse(std::string_view line) const {
  const auto wrong = [&](std::string_view what) {
    return Error{ErrorCategory::configuration, fmt::format("line {}: {}", line_number_, what)};
  };
  const auto object = parsed(line);
  if (!object.is_object()) return wrong("this is not a JSON object; was the file cut off?");
  const auto after = whole_number<std::int64_t>(object, "after_us");
  if (!after || *after < 0) return wrong("`after_us` is missing or no whole number");
  auto content = content_of(object);
  if (!content) return wrong("expected one of `received`, `received_hex`, `sent`, `sent_hex`");
  const auto binary = object.find("binary");
  return std::optional(RecordedMessage{std::chrono::microseconds(*after), content->sent,
                                       binary != object.end() && *binary == true, std::move(content->bytes)});
}

}  // namespace pbxbridge::sim
