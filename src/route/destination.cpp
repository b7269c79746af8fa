#include "route/destination.hpp"

#include "route/topic_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::route {

namespace {

using config::Located;
using config::Report;

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

void check_topic(const Template& topic, const TopicRules& rules, const TopicLimits& limits,
                 const Located<std::string>& written, Report& report) {
  std::string whole;
  for (const auto literal : topic.literals()) {
    if (const auto problem = problem_of_literal(rules, literal); !problem.empty())
      return report.error(written.location, fmt::format("topic \"{}\" {}", written.value, problem));
    whole += literal;
  }
  // Data of an event makes it no shorter.
  std::string problem;
  if (topic.is_fixed())
    problem = problem_of_topic(rules, whole);
  else if (whole.size() > rules.longest_bytes)
    problem = problem_of_literal(rules, whole);
  if (problem.empty()) problem = limits.problem_of(whole);
  if (!problem.empty()) report.error(written.location, fmt::format("topic \"{}\" {}", written.value, problem));
  if (!written.value.empty() && rules.reserved_beginnings.has(written.value.front()))
    report.warning(written.location,
                   fmt::format("topic \"{}\" begins with \"{}\", which most brokers keep for themselves", written.value,
                               written.value.front()));
}

std::string_view problem_of_fixed_text(std::string_view text) {
  return text.find_first_of("{}") == std::string_view::npos ? "" : "must be a fixed text, without \"{\" and \"}\"";
}

void report_fallback_topic(const Located<std::string>& written, std::string_view problem, Report& report) {
  if (!problem.empty()) report.error(written.location, fmt::format("fallback_topic \"{}\" {}", written.value, problem));
}

void check_fallback_topic(const TopicRules& rules, const TopicLimits& limits, const Located<std::string>& written,
                          Report& report) {
  if (written.value.empty()) return;
  std::string problem(problem_of_fixed_text(written.value));
  if (problem.empty()) problem = problem_of_topic(rules, written.value);
  if (problem.empty()) problem = limits.problem_of(written.value);
  report_fallback_topic(written, problem, report);
}

bool has_option(const SinkType& type, std::string_view name) {
  if (type.options_schema == nullptr) return false;
  const auto& fields = type.options_schema().fields();
  return std::ranges::find(fields, name, &config::Field::name) != fields.end();
}

/// Types whose destinations have the option.
std::vector<std::string_view> types_with_option(std::span<const SinkType> types, std::string_view name) {
  std::vector<std::string_view> names;
  for (const SinkType& type : types)
    if (has_option(type, name)) names.push_back(type.name);
  return names;
}

/// Warns of options that only sinks of other types have, which then are no unknown keys.
config::UnknownKeys other_options(const config::Node& node, const config::DestinationConfig& config,
                                  const SinkType& type, std::span<const SinkType> types, Report& report) {
  config::UnknownKeys others;
  for (const config::Field& field : config::DestinationConfig::schema().fields())
    others.known_elsewhere.push_back(field.name);
  for (const auto& entry : node.entries()) {
    const auto having = types_with_option(types, entry.key);
    if (having.empty() || has_option(type, entry.key)) continue;
    others.known_elsewhere.push_back(entry.key);
    report.warning(entry.key_location, fmt::format("\"{}\" means nothing to sink \"{}\" of type {}; only {} {} it",
                                                   entry.key, config.sink.value, type.name, fmt::join(having, ", "),
                                                   having.size() == 1 ? "has" : "have"));
  }
  return others;
}

/// Options of a type without any: reading them finds the fields that no type has.
const config::Schema<DestinationOptions>& no_options() {
  static const config::Schema<DestinationOptions> schema("");
  return schema;
}

std::shared_ptr<DestinationOptions> read_options(const config::DestinationConfig& config, const SinkType& type,
                                                 std::span<const SinkType> types, const config::SinkConfig& sink,
                                                 Report& report) {
  // The options are of the type's own class in any case: `options_of` relies on it.
  const config::Node none(config::Node::Kind::map, config.topic.location);
  const config::Node& node = config.node && config.node->is_map() ? *config.node : none;
  const auto others = other_options(node, config, type, types, report);
  if (type.read_options != nullptr) return type.read_options(node, *sink.settings, others, report);
  auto options = std::make_shared<DestinationOptions>();
  no_options().read(node, *options, report, others);
  return options;
}

void append_unchanged(std::string_view value, std::string& key) { key += value; }

}  // namespace

void Destination::check_alone(const config::DestinationConfig& config, Report& report) {
  parse(config.topic, "topic", report);
  parse(config.key, "key", report);
  report_fallback_topic(config.fallback_topic, problem_of_fixed_text(config.fallback_topic.value), report);
}

Destination Destination::compile(const config::DestinationConfig& config, const SinkType& type,
                                 std::span<const SinkType> types, const config::SinkConfig& sink, Report& report) {
  Destination destination;
  if (type.topics) destination.rules_ = *type.topics;
  destination.topic_ = parse(config.topic, "topic", report);
  destination.key_ = parse(config.key, "key", report);
  if (sink.settings) destination.limits_ = sink.settings->topic_limits();
  destination.fallback_topic_ = config.fallback_topic.value;
  if (destination.fallback_topic_.empty()) destination.fallback_topic_ = destination.rules_.fallback_topic;

  if (destination.topic_)
    check_topic(*destination.topic_, destination.rules_, destination.limits_, config.topic, report);
  else if (type.topics && config.topic.value.empty())
    report.error(config.sink.location, fmt::format("sink \"{}\" needs a topic", config.sink.value));
  check_fallback_topic(destination.rules_, destination.limits_, config.fallback_topic, report);

  auto options = read_options(config, type, types, sink, report);
  options->topic_template = config.topic.value;
  options->fallback_topic = destination.fallback_topic_;
  destination.options_ = std::move(options);
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
  const auto append = [this](std::string_view value, std::string& out) { append_value(rules_, value, out); };
  fallback = !topic_->render(fields, append, topic) || topic.empty();
  if (fallback) return fallback_topic_;
  if (topic_->is_fixed()) return topic;
  finish_topic(rules_, topic);
  fallback = !limits_.problem_of(topic).empty();
  return fallback ? fallback_topic_ : topic;
}

}  // namespace pbxbridge::route
