#include "deliver/delivery_words.hpp"

#include "pbxbridge/event.hpp"
#include "text/ascii.hpp"
#include "text/log_text.hpp"
#include "text/secrets.hpp"

#include <algorithm>
#include <cctype>
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

/// Words of a text, and what is shown in their place.
struct Replacement {
  std::string what;
  std::string with;
  friend bool operator==(const Replacement&, const Replacement&) = default;
};
using Replacements = std::vector<Replacement>;

void add_topic(const Delivery& delivery, std::string_view words, Replacements& found) {
  if (!delivery.topic.empty() && words.find(delivery.topic) != std::string_view::npos)
    found.push_back({delivery.topic, topic_for_log(delivery)});
}

void add_all(const Delivery& delivery, std::string_view words, Replacements& found) {
  add_topic(delivery, words, found);
  const std::string topic = topic_for_log(delivery);
  if (topic == delivery.topic && delivery.key.empty() && delivery.event->entity().empty()) return;
  for (std::string& part : parts_of(delivery))
    if (words.find(part) != std::string_view::npos && topic.find(part) == std::string::npos)
      found.push_back({std::move(part), std::string(of_the_event)});
}

/// Takes the longest match at each place, so that nothing of a longer one is left, and a whole topic before an equal
/// part of one. Does not look again at what it has put in.
std::string replaced(std::string_view words, Replacements found) {
  std::ranges::stable_sort(found, std::ranges::greater(), [](const auto& one) { return one.what.size(); });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::string text;
  while (!words.empty()) {
    const auto at = std::ranges::find_if(found, [&](const auto& one) { return words.starts_with(one.what); });
    if (at == found.end()) {
      text += words.front();
      words.remove_prefix(1);
    } else {
      text += at->with;
      words.remove_prefix(at->what.size());
    }
  }
  return text;
}

bool ends_word(char character) {
  constexpr std::string_view others = "\"'`,;()<>";
  return std::isspace(static_cast<unsigned char>(character)) != 0 || others.find(character) != std::string_view::npos;
}

/// A number as long as a phone's, or a topic. A URL is neither.
void add_strangers(std::string_view words, Replacements& found) {
  constexpr std::size_t shortest_number = 6;
  std::vector<std::string> numbers, tokens;
  add_parts(
      words, shortest_number, [](char character) { return !is_digit(character); }, numbers);
  for (std::string& number : numbers) found.push_back({std::move(number), "(a number)"});
  add_parts(words, 1, ends_word, tokens);
  const auto is_topic = [](const std::string& token) {
    return token.size() > 1 && token.find('/') != std::string::npos && token.find("://") == std::string::npos;
  };
  for (std::string& token : tokens)
    if (is_topic(token)) found.push_back({std::move(token), "(a topic)"});
}

void add_peer_words(std::string_view words, Replacements found, std::string& shown) {
  add_strangers(words, found);
  shown = text::with_peer_words(std::move(shown), replaced(words, std::move(found)));
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
  replace_all(topic, "{event_type}", event.event_type());
  replace_all(topic, "{entity_kind}", to_string(event.entity_kind()));
  return topic;
}

std::string words_for_log(const Delivery& delivery, std::string_view words) {
  Replacements found;
  add_all(delivery, words, found);
  return text::log_text(replaced(words, std::move(found)), longest_words);
}

std::string words_for_log(const Delivery& delivery, const Outcome& outcome) {
  std::string shown = words_for_log(delivery, outcome.reason);
  const std::string words = text::without_secrets(outcome.peer_words);
  Replacements found;
  add_all(delivery, words, found);
  add_peer_words(words, std::move(found), shown);
  return shown;
}

std::string words_for_log(const DeliveryQueue& queue, std::string_view text, std::string_view peer_words) {
  Replacements topics;
  queue.for_each_unsettled([&](const Delivery& delivery) { add_topic(delivery, text, topics); });
  std::string shown = replaced(text, std::move(topics));
  const std::string words = text::without_secrets(peer_words);
  Replacements found;
  queue.for_each_unsettled([&](const Delivery& delivery) { add_all(delivery, words, found); });
  add_peer_words(words, std::move(found), shown);
  return shown;
}

std::string whole_reason(const Outcome& outcome) {
  return text::log_text(text::with_peer_words(outcome.reason, outcome.peer_words, longest_whole_reason),
                        longest_whole_reason);
}

std::vector<observe::LogField> fields_for_log(const Delivery& delivery) {
  return {{"topic", topic_for_log(delivery)},
          {"event_id", delivery.event->id()},
          {"event_type", std::string(delivery.event->event_type())}};
}

}  // namespace pbxbridge::deliver
