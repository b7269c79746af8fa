#include "explain/explanation_text.hpp"

#include "event/untidiness.hpp"
#include "explain/time_text.hpp"
#include "sink/json_text.hpp"
#include "sink/rfc3339.hpp"
#include "text/printable.hpp"

#include <fmt/format.h>

#include <variant>
#include <vector>

namespace pbxbridge::explain {

namespace {

std::string shown(std::string_view bytes) {
  if (sink::is_utf8(bytes)) return std::string(bytes);
  std::string encoded;
  sink::append_base64(encoded, bytes);
  return encoded + " (Base64 of bytes that are not UTF-8)";
}

std::string value_text(const ComposedMessage::Value& value) { return shown(text_of(value)); }

std::string headline(const Event& event) {
  std::string text = fmt::format(
      "{}, {}", event.event_type().empty() ? "no event type" : event.event_type(),
      event.family() == Family::unknown ? "unknown family" : fmt::format("family {}", to_string(event.family())));
  if (!event.entity().empty()) text += fmt::format(", {} {}", to_string(event.entity_kind()), event.entity());
  if (!event.tenant().empty()) text += fmt::format(", tenant {}", event.tenant());
  return text;
}

std::string untidiness_line(const event::UntidinessSet& set) {
  const auto names = event::names_of(set);
  return names.empty() ? "" : fmt::format("  untidy: {}; it flows on unchanged\n", fmt::join(names, ", "));
}

std::string times_line(const Event& event) {
  return fmt::format("  time {}, received {}\n", event_time_text(event).value_or("unknown"),
                     sink::rfc3339(event.received_at()));
}

void append_message(std::string& text, const Message& message) {
  const route::Routed& routed = message.routed;
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("      {:8} {}\n", name, value);
  };
  text += fmt::format("    to {} ({})\n", message.sink, message.sink_type);
  if (!routed.topic.empty())
    line("topic", routed.topic + (routed.fallback ? "  (the fallback topic: the route's own cannot be made)" : ""));
  if (!routed.key.empty()) line("key", routed.key);
  if (routed.key_missing) line("key", "none: a field of the route's key is missing");
  for (const auto& [name, value] : message.composed.properties)
    line("property", fmt::format("{}: {}", name, value_text(value)));
  for (const auto& [name, value] : message.composed.headers) line("header", fmt::format("{}: {}", name, shown(value)));
  line("payload", shown(message.composed.payload));
  if (message.composed.rejected)
    line("rejected", *message.composed.rejected + "; it becomes a dead letter of this sink");
}

void append_route(std::string& text, const RouteOutcome& route, std::size_t number) {
  const bool takes = route.unmet.empty();
  text +=
      fmt::format("  route {} (line {}) {}", number, route.location.line, takes ? "takes it\n" : "does not take it: ");
  for (const auto& unmet : route.unmet) text += (&unmet == &route.unmet.front() ? "" : "; ") + to_text(unmet);
  if (!takes) text += '\n';
  for (const Message& message : route.messages) append_message(text, message);
}

}  // namespace

std::string to_text(const route::UnmetCondition& unmet) {
  std::vector<std::string> patterns;
  for (const auto& pattern : unmet.patterns) patterns.push_back('"' + pattern + '"');
  const std::string expected = fmt::format("{}", fmt::join(patterns, " or "));
  const std::string found = unmet.found ? fmt::format("is \"{}\"", *unmet.found) : "is missing";
  if (unmet.is_excluded) return fmt::format("{} {}, which \"not\" leaves out ({})", unmet.field, found, expected);
  return fmt::format("{} {}, not {}", unmet.field, found, expected);
}

std::string to_text(const Explanation& explanation, std::string_view place) {
  std::string text = fmt::format("{}: ", place);
  if (!explanation.event) {
    text += fmt::format("no event: {}\n", explanation.not_an_event);
    return text::for_terminal(text);
  }
  text += headline(*explanation.event) + fmt::format(", from PBX {}\n", explanation.pbx);
  text += times_line(*explanation.event);
  text += untidiness_line(explanation.untidiness);
  for (std::size_t i = 0; i < explanation.routes.size(); ++i) append_route(text, explanation.routes[i], i + 1);
  if (!explanation.feeds.empty())
    text += fmt::format("  {}feeds the state: {}\n", explanation.is_routed() ? "" : "no route takes it itself, but it ",
                        fmt::join(explanation.feeds, ", "));
  else if (!explanation.is_routed())
    text += "  no route takes it: it goes nowhere, and is counted\n";
  return text::for_terminal(text);
}

std::string text_of(const ComposedMessage::Value& value) {
  return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

}  // namespace pbxbridge::explain
