#include "route/topic_syntax.hpp"

#include "text/exchangeable.hpp"
#include "text/utf8.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace pbxbridge::route {

namespace {

using config::TopicSyntax;

constexpr std::size_t kafka_size_max = 249;    // org.apache.kafka.common.internals.Topic
constexpr std::size_t mqtt_size_max = 65'535;  // MQTT 5.0 section 1.5.4

std::size_t size_max(TopicSyntax syntax) { return syntax == TopicSyntax::kafka ? kafka_size_max : mqtt_size_max; }

bool is_ascii(char character) { return static_cast<unsigned char>(character) < 0x80; }

bool is_allowed(TopicSyntax syntax, std::string_view text, std::size_t position, std::size_t length) {
  const char character = text[position];
  if (syntax == TopicSyntax::kafka)
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '.' || character == '_' || character == '-';
  if (!text::is_exchangeable(text, position, length)) return false;
  return syntax != TopicSyntax::mqtt || (character != '+' && character != '#' && character != '/');
}

void fill_empty_levels(std::string& topic) {
  for (auto slashes = topic.find("//"); slashes != std::string::npos; slashes = topic.find("//", slashes))
    topic.insert(slashes + 1, 1, '_');
  if (topic.ends_with('/')) topic += '_';
}

}  // namespace

std::string_view default_fallback_topic(TopicSyntax syntax) {
  return syntax == TopicSyntax::mqtt ? mqtt_fallback_topic : kafka_fallback_topic;
}

std::string problem_of_literal(TopicSyntax syntax, std::string_view text) {
  if (auto problem = text::problem_of_exchange(text); !problem.empty()) return problem;
  for (std::size_t i = 0; i < text.size();) {
    const auto length = text::utf8_length(text, i);
    const bool is_separator = syntax == TopicSyntax::mqtt && text[i] == '/';
    if (!is_separator && !is_allowed(syntax, text, i, length)) {
      if (syntax == TopicSyntax::kafka)
        return fmt::format("has \"{}\", but a Kafka topic has only letters, digits, \".\", \"_\" and \"-\"",
                           text.substr(i, length));
      return fmt::format("has the MQTT wildcard \"{}\", which no topic can be published under", text[i]);
    }
    i += length;
  }
  if (text.size() > size_max(syntax)) return fmt::format("is longer than the {} bytes of a topic", size_max(syntax));
  return {};
}

std::string problem_of_topic(TopicSyntax syntax, std::string_view topic) {
  if (topic.empty()) return "is empty";
  if (syntax == TopicSyntax::kafka && (topic == "." || topic == "..")) return "is not allowed by Kafka";
  return problem_of_literal(syntax, topic);
}

void append_value(TopicSyntax syntax, std::string_view value, std::string& topic) {
  if (syntax == TopicSyntax::mqtt && topic.empty() && value.starts_with('$')) {
    topic += '_';
    value.remove_prefix(1);
  }
  std::size_t kept = 0;  // all before it is in the topic
  for (std::size_t i = 0; i < value.size();) {
    const auto length = is_ascii(value[i]) ? 1 : text::utf8_length(value, i);
    const auto next = i + std::max<std::size_t>(length, 1);
    if (!is_allowed(syntax, value, i, length)) {
      topic.append(value, kept, i - kept);
      topic += '_';
      kept = next;
    }
    i = next;
  }
  topic.append(value, kept);
}

void finish_topic(TopicSyntax syntax, std::string& topic) {
  if (syntax == TopicSyntax::kafka && (topic == "." || topic == "..")) std::ranges::fill(topic, '_');
  if (syntax == TopicSyntax::mqtt) fill_empty_levels(topic);
  shorten(topic, size_max(syntax));
}

void shorten(std::string& text, std::size_t maximum) {
  if (text.size() <= maximum) return;
  const auto ending = fmt::format("-{:016x}", XXH3_64bits(text.data(), text.size()));
  text.resize(text::utf8_prefix(text, maximum - ending.size()).size());
  text += ending;
}

}  // namespace pbxbridge::route
