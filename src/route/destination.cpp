#include "route/destination.hpp"

#include "route/topic_syntax.hpp"

#include <fmt/format.h>

#include <utility>

namespace pbxbridge::route {

namespace {

using config::Located;
using config::Report;
using config::TopicSyntax;

void warn_of_near_attributes(const Template& parsed, const Located<std::string>& written, Report& report) {
  for (const auto name : parsed.placeholder_names())
    if (const auto meant = attribute_meant_by(name); !meant.empty())
      report.warning(written.location,
                     fmt::format("\"{{{}}}\" is looked up in the payload, did you mean \"{{{}}}\"?", name, meant));
}

std::optional<Template> parse(const Located<std::string>& written, std::string_view field, Report& report) {
  if (written.value.empty()) return std::nullopt;
  auto parsed = Template::parse(written.value);
  if (!parsed) {
    report.error(written.location, fmt::format("{}: {}", field, parsed.error().text));
    return std::nullopt;
  }
  warn_of_near_attributes(*parsed, written, report);
  return std::move(*parsed);
}

void check_topic(const Template& topic, TopicSyntax syntax, const config::TopicLimits& limits,
                 const Located<std::string>& written, Report& report) {
  std::string whole;
  for (const auto literal : topic.literals()) {
    if (const auto problem = problem_of_literal(syntax, literal); !problem.empty())
      return report.error(written.location, fmt::format("topic \"{}\" {}", written.value, problem));
    whole += literal;
  }
  // Data of an event makes it no shorter.
  auto problem = topic.is_fixed() ? problem_of_topic(syntax, whole) : problem_of_literal(syntax, whole);
  if (problem.empty()) problem = limits.problem_of(whole);
  if (!problem.empty()) report.error(written.location, fmt::format("topic \"{}\" {}", written.value, problem));
  if (syntax == TopicSyntax::mqtt && written.value.starts_with('$'))
    report.warning(
        written.location,
        fmt::format("topic \"{}\" begins with \"$\", which most brokers keep for themselves", written.value));
}

void check_fallback_topic(TopicSyntax syntax, const config::TopicLimits& limits, const Located<std::string>& written,
                          Report& report) {
  if (written.value.empty()) return;
  auto problem = problem_of_topic(syntax, written.value);
  if (problem.empty()) problem = limits.problem_of(written.value);
  if (written.value.find_first_of("{}") != std::string::npos) problem = "must be a fixed text, without \"{\" and \"}\"";
  if (!problem.empty()) report.error(written.location, fmt::format("fallback_topic \"{}\" {}", written.value, problem));
}

void check_options(const config::DestinationConfig& config, const config::SinkType& type,
                   const config::SinkConfig& sink, Report& report) {
  const auto& options = config.options;
  if (type.check_options) return type.check_options(options, *sink.settings, config.sink.location, report);
  const std::pair<std::string_view, bool> of_mqtt[] = {{"qos", options.qos.has_value()},
                                                       {"retain", options.retain.has_value()},
                                                       {"message_expiry", options.message_expiry.has_value()},
                                                       {"content_type", options.content_type.has_value()}};
  for (const auto& [name, is_set] : of_mqtt)
    if (is_set)
      report.warning(config.sink.location,
                     fmt::format("\"{}\" means nothing to sink \"{}\" of type {}; only mqtt has it", name,
                                 config.sink.value, type.name));
}

template <TopicSyntax syntax>
void append_for(std::string_view value, std::string& topic) {
  append_value(syntax, value, topic);
}

Template::AppendValue topic_appender(TopicSyntax syntax) {
  switch (syntax) {
    case TopicSyntax::none:
      return append_for<TopicSyntax::none>;
    case TopicSyntax::kafka:
      return append_for<TopicSyntax::kafka>;
    case TopicSyntax::mqtt:
      return append_for<TopicSyntax::mqtt>;
  }
  return append_for<TopicSyntax::none>;
}

void append_unchanged(std::string_view value, std::string& key) { key += value; }

}  // namespace

Destination Destination::compile(const config::DestinationConfig& config, const config::SinkType& type,
                                 const config::SinkConfig& sink, Report& report) {
  Destination destination;
  destination.syntax_ = type.topic_syntax;
  destination.topic_ = parse(config.topic, "topic", report);
  destination.key_ = parse(config.key, "key", report);
  if (sink.settings) destination.limits_ = sink.settings->topic_limits();
  destination.fallback_topic_ = config.fallback_topic.value;
  if (destination.fallback_topic_.empty()) destination.fallback_topic_ = default_fallback_topic(type.topic_syntax);
  auto options = std::make_shared<DeliveryOptions>(config.options);
  options->topic_template = config.topic.value;
  options->fallback_topic = destination.fallback_topic_;
  destination.options_ = std::move(options);

  if (destination.topic_)
    check_topic(*destination.topic_, type.topic_syntax, destination.limits_, config.topic, report);
  else if (type.topic_syntax != TopicSyntax::none && config.topic.value.empty())
    report.error(config.sink.location, fmt::format("sink \"{}\" needs a topic", config.sink.value));
  check_fallback_topic(type.topic_syntax, destination.limits_, config.fallback_topic, report);
  check_options(config, type, sink, report);
  return destination;
}

Routed Destination::render(EventFields& fields) const {
  Routed routed;
  routed.topic = topic_of(fields, routed.fallback);
  routed.key_missing = key_ && !key_->render(fields, append_unchanged, routed.key);
  if (routed.key_missing) routed.key.clear();
  shorten(routed.key, key_size_max);
  routed.options = options_;
  return routed;
}

std::string Destination::topic_of(EventFields& fields, bool& fallback) const {
  std::string topic;
  if (!topic_) return topic;
  fallback = !topic_->render(fields, topic_appender(syntax_), topic) || topic.empty();
  if (fallback) return fallback_topic_;
  if (topic_->is_fixed()) return topic;
  finish_topic(syntax_, topic);
  fallback = !limits_.problem_of(topic).empty();
  return fallback ? fallback_topic_ : topic;
}

}  // namespace pbxbridge::route
