#include "deliver/delivery_words.hpp"

#include "deliver/repeated_payload.hpp"
#include "pbxbridge/event.hpp"
#include "text/ascii.hpp"
#include "text/log_text.hpp"
#include "text/mask.hpp"
#include "text/peer_words.hpp"
#include "text/secrets.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace pbxbridge::deliver {

namespace {

using text::is_digit;

constexpr std::string_view of_the_event = "(of the event)";
constexpr std::size_t longest_words = 400;
constexpr std::size_t longest_whole_reason = 1000;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

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
  return parts;
}

/// Parts of deliveries that stand in words, and what is shown in their place: once, however many deliveries have them.
using Found = std::map<std::string, std::string>;

void find_topic(const Delivery& delivery, std::string_view words, Found& found) {
  if (!delivery.topic.empty() && words.find(delivery.topic) != std::string_view::npos)
    found.insert_or_assign(delivery.topic, topic_for_log(delivery));
}

void find_address(const Delivery& delivery, std::string_view words, Found& found) {
  find_topic(delivery, words, found);
  const std::string topic = topic_for_log(delivery);
  if (topic == delivery.topic && delivery.key.empty() && delivery.event->entity().empty()) return;
  for (std::string& part : parts_of(delivery))
    if (words.find(part) != std::string_view::npos && topic.find(part) == std::string::npos)
      found.emplace(std::move(part), of_the_event);
}

text::HiddenParts hidden_in(std::string_view words, const Found& found) {
  text::HiddenParts hidden;
  for (const auto& [what, shown] : found) text::hide_all(words, what, shown, hidden);
  return hidden;
}

/// Words of a peer without secrets, of a length that can be compared with payloads.
std::string comparable(std::string_view peer_words) {
  constexpr std::size_t longest_read = 16'384;
  constexpr std::size_t longest_compared = 2'000;
  const bool is_cut = peer_words.size() > longest_read;
  const std::string words = text::without_secrets(peer_words.substr(0, longest_read),
                                                  is_cut ? text::Ending::cut_off : text::Ending::not_known);
  return words.substr(0, longest_compared);
}

/// The oldest: a peer that answers in order has said nothing of these yet.
void hide_payloads_in_flight(const DeliveryQueue& queue, std::string_view words, text::HiddenParts& hidden) {
  constexpr std::size_t most_events = 500;
  constexpr std::size_t most_bytes = std::size_t{1} << 20;
  RepeatedPayload repeated(words);
  std::size_t events = 0, bytes = 0;
  queue.for_each_in_flight([&](const Delivery& delivery) {
    const std::string_view payload = delivery.event->payload();
    bytes += payload.size();
    if (++events <= most_events && (events == 1 || bytes <= most_bytes)) repeated.look_in(payload);
  });
  repeated.hide(of_the_event, hidden);
}

void add_peer_words(std::string_view words, text::HiddenParts hidden, std::string& shown) {
  // What stands at the end of cut words is too short to be recognized as a part of something.
  constexpr std::size_t longest = 1'900;
  text::hide_numbers(words, hidden);
  text::hide_topics(words, hidden);
  text::hide_json(words, hidden);
  if (words.size() > longest) hidden.push_back({longest, words.size(), "..."});
  shown = text::with_peer_words(std::move(shown), text::without_hidden(words, std::move(hidden)));
}

}  // namespace

std::string topic_for_log(const Delivery& delivery) {
  const DestinationOptions& options = options_of<DestinationOptions>(delivery);
  if (delivery.topic == options.fallback_topic) return delivery.topic;
  if (options.topic_template.empty()) return delivery.topic.empty() ? "" : std::string(of_the_event);
  std::string topic = options.topic_template;
  const Event& event = *delivery.event;
  replace_all(topic, "{pbx}", event.pbx());
  replace_all(topic, "{family}", to_string(event.family()));
  replace_all(topic, "{event_type}", text::plain_name(event.event_type()));
  replace_all(topic, "{entity_kind}", to_string(event.entity_kind()));
  return topic;
}

std::string words_for_log(const Delivery& delivery, std::string_view words) {
  Found found;
  find_address(delivery, words, found);
  return text::log_text(text::without_hidden(words, hidden_in(words, found)), longest_words);
}

std::string words_for_log(const Delivery& delivery, const Outcome& outcome) {
  std::string shown = words_for_log(delivery, outcome.reason);
  if (outcome.peer_words.empty()) return shown;
  const std::string words = comparable(outcome.peer_words);
  Found found;
  find_address(delivery, words, found);
  text::HiddenParts hidden = hidden_in(words, found);
  RepeatedPayload repeated(words);
  repeated.look_in(delivery.event->payload());
  repeated.hide(of_the_event, hidden);
  add_peer_words(words, std::move(hidden), shown);
  return shown;
}

std::string words_for_log(const DeliveryQueue& queue, std::string_view text, std::string_view peer_words) {
  Found topics;
  queue.for_each_unsettled([&](const Delivery& delivery) { find_topic(delivery, text, topics); });
  std::string shown = text::without_hidden(text, hidden_in(text, topics));
  if (peer_words.empty()) return shown;
  const std::string words = comparable(peer_words);
  Found found;
  queue.for_each_unsettled([&](const Delivery& delivery) { find_address(delivery, words, found); });
  text::HiddenParts hidden = hidden_in(words, found);
  hide_payloads_in_flight(queue, words, hidden);
  add_peer_words(words, std::move(hidden), shown);
  return shown;
}

std::string whole_reason(const Outcome& outcome) {
  return text::log_text(text::with_peer_words(outcome.reason, outcome.peer_words, longest_whole_reason),
                        longest_whole_reason);
}

std::vector<observe::LogField> fields_for_log(const Delivery& delivery) {
  return {{"topic", topic_for_log(delivery)},
          {"event_id", delivery.event->id()},
          {"event_type", text::plain_name(delivery.event->event_type())}};
}

}  // namespace pbxbridge::deliver
