#include "route/topic_rules.hpp"

#include "text/exchangeable.hpp"
#include "text/utf8.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace pbxbridge::route {

namespace {

bool is_ascii(char character) { return static_cast<unsigned char>(character) < 0x80; }

/// Separators are the operator's alone; an event's data may not hold them.
bool is_allowed(const TopicRules& rules, std::string_view text, std::size_t position, std::size_t length) {
  const char character = text[position];
  if (is_ascii(character)) return rules.characters.has(character) && character != rules.separator;
  return rules.beyond_ascii && text::is_exchangeable(text, position, length);
}

bool is_reserved(const TopicRules& rules, std::string_view topic) {
  return std::ranges::find(rules.reserved_topics, topic) != rules.reserved_topics.end();
}

/// Two separators, between which an empty level stands.
std::array<char, 2> empty_level(const TopicRules& rules) { return {rules.separator, rules.separator}; }

bool has_empty_level(const TopicRules& rules, std::string_view text) {
  const auto empty = empty_level(rules);
  return text.find(std::string_view(empty.data(), empty.size())) != std::string_view::npos;
}

/// The first level stays empty where levels may be: that one the operator wrote.
void fill_empty_levels(const TopicRules& rules, std::string& topic) {
  const auto empty = empty_level(rules);
  if (!rules.has_empty_levels && topic.front() == rules.separator) topic.insert(0, 1, '_');
  for (auto at = topic.find(empty.data(), 0, empty.size()); at != std::string::npos;
       at = topic.find(empty.data(), at, empty.size()))
    topic.insert(at + 1, 1, '_');
  if (topic.back() == rules.separator) topic += '_';
}

}  // namespace

std::string problem_of_literal(const TopicRules& rules, std::string_view text) {
  if (auto problem = text::problem_of_exchange(text); !problem.empty()) return problem;
  for (std::size_t i = 0; i < text.size();) {
    const auto length = text::utf8_length(text, i);
    const bool is_separator = rules.separator != '\0' && text[i] == rules.separator;
    if (!is_separator && !is_allowed(rules, text, i, length))
      return fmt::format("has \"{}\", but {}", text.substr(i, length), rules.characters_reason);
    i += length;
  }
  if (rules.separator != '\0' && !rules.has_empty_levels && has_empty_level(rules, text))
    return fmt::format("has an empty level: nothing stands between one \"{0}\" and the next", rules.separator);
  if (text.size() > rules.longest_bytes)
    return fmt::format("is longer than the {} bytes of a topic", rules.longest_bytes);
  return {};
}

std::string problem_of_topic(const TopicRules& rules, std::string_view topic) {
  if (topic.empty()) return "is empty";
  if (is_reserved(rules, topic)) return std::string(rules.reserved_reason);
  if (rules.separator != '\0' && !rules.has_empty_levels &&
      (topic.starts_with(rules.separator) || topic.ends_with(rules.separator)))
    return fmt::format("begins or ends with \"{}\"", rules.separator);
  return problem_of_literal(rules, topic);
}

void append_value(const TopicRules& rules, std::string_view value, std::string& topic) {
  if (topic.empty() && !value.empty() && rules.reserved_beginnings.has(value.front())) {
    topic += '_';
    value.remove_prefix(1);
  }
  std::size_t kept = 0;  // all before it is in the topic
  for (std::size_t i = 0; i < value.size();) {
    const auto length = is_ascii(value[i]) ? 1 : text::utf8_length(value, i);
    const auto next = i + std::max<std::size_t>(length, 1);
    if (!is_allowed(rules, value, i, length)) {
      topic.append(value, kept, i - kept);
      topic += '_';
      kept = next;
    }
    i = next;
  }
  topic.append(value, kept);
}

void finish_topic(const TopicRules& rules, std::string& topic) {
  if (is_reserved(rules, topic)) std::ranges::fill(topic, '_');
  if (rules.separator != '\0') fill_empty_levels(rules, topic);
  shorten(topic, rules.longest_bytes);
}

void shorten(std::string& text, std::size_t maximum) {
  if (text.size() <= maximum) return;
  const auto ending = fmt::format("-{:016x}", XXH3_64bits(text.data(), text.size()));
  text.resize(text::utf8_prefix(text, maximum - ending.size()).size());
  text += ending;
}

}  // namespace pbxbridge::route
