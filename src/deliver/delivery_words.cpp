#include "deliver/delivery_words.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace pbxbridge::deliver {

namespace {

constexpr std::string_view of_the_event = "(of the event)";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

bool is_digit(char character) { return std::isdigit(static_cast<unsigned char>(character)) != 0; }
bool is_separator(char character) { return character == '/' || character == '.'; }

/// Parts of a topic or key that a peer may repeat alone: its levels, and the numbers in them.
template <class IsEnd>
void add_parts(std::string_view text, std::size_t shortest, IsEnd is_end, std::vector<std::string>& parts) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), is_end);
    const auto size = static_cast<std::size_t>(end - text.begin()) - begin;
    if (size >= shortest) parts.emplace_back(text.substr(begin, size));
    begin += size + 1;
  }
}

/// Longest first, so that none is left of a longer one.
std::vector<std::string> parts_of(const Delivery& delivery) {
  constexpr std::size_t shortest_level = 3;
  constexpr std::size_t shortest_number = 4;
  std::vector<std::string> parts;
  for (const std::string& text : {delivery.topic, delivery.key, std::string(delivery.event->entity())}) {
    if (text.size() >= shortest_level) parts.push_back(text);
    add_parts(text, shortest_level, is_separator, parts);
    add_parts(
        text, shortest_number, [](char character) { return !is_digit(character); }, parts);
  }
  std::ranges::sort(parts, std::ranges::greater(), &std::string::size);
  return parts;
}

}  // namespace

std::string topic_for_log(const Delivery& delivery) {
  const DeliveryOptions& options = *delivery.options;
  if (delivery.topic == options.fallback_topic) return delivery.topic;
  if (options.topic_template.empty()) return delivery.topic.empty() ? "" : std::string(of_the_event);
  std::string topic = options.topic_template;
  const Event& event = *delivery.event;
  replace_all(topic, "{pbx}", event.pbx());
  replace_all(topic, "{family}", to_string(event.family()));
  replace_all(topic, "{event_type}", event.event_type());
  replace_all(topic, "{entity_kind}", to_string(event.entity_kind()));
  return topic;
}

std::string words_for_log(const Delivery& delivery, std::string_view words) {
  std::string text(words);
  const std::string topic = topic_for_log(delivery);
  if (topic == delivery.topic && delivery.key.empty() && delivery.event->entity().empty()) return text;
  if (!delivery.topic.empty()) replace_all(text, delivery.topic, topic);
  for (const std::string& part : parts_of(delivery))
    if (topic.find(part) == std::string::npos) replace_all(text, part, of_the_event);
  return text;
}

std::vector<observe::LogField> fields_for_log(const Delivery& delivery) {
  return {{"topic", topic_for_log(delivery)},
          {"event_id", delivery.event->id()},
          {"event_type", std::string(delivery.event->event_type())}};
}

}  // namespace pbxbridge::deliver
