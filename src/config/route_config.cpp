#include "config/route_config.hpp"

#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/schema.hpp"
#include "text/exchangeable.hpp"

namespace pbxbridge::config {

/// A map of field names to one pattern or a list of them; under `not` another such map.
template <>
struct Reader<MatchConfig> {
  static TypeDescription describe() { return {TypeDescription::Kind::match}; }
  static void read(const Node& node, MatchConfig& value, const FieldContext& reading);
  static std::string to_yaml(const MatchConfig&) { return ""; }
};

namespace {

constexpr std::string_view not_key = "not";

std::string wrong_content_type(std::string_view text) {
  const std::string wrong = check_not_empty(text);
  return wrong.empty() ? text::problem_of_exchange(text) : wrong;
}

void read_patterns(const Node& node, MatchCondition& condition, const FieldContext& reading) {
  if (node.is_list() && node.items().empty())
    return reading.error(node, "an empty list matches nothing; name at least one value");
  Reader<std::vector<std::string>>::read(node, condition.patterns, reading);
}

std::vector<MatchCondition> read_conditions(const Node& map, Report& report) {
  static const FieldText text{.or_single = true};
  std::vector<MatchCondition> conditions;
  for (const Node::Entry& entry : map.entries()) {
    if (entry.key == not_key) continue;
    MatchCondition& condition = conditions.emplace_back();
    condition.field = entry.key;
    condition.location = entry.key_location;
    read_patterns(entry.value, condition, FieldContext{entry.key, entry.key, text, report});
  }
  return conditions;
}

}  // namespace

void Reader<MatchConfig>::read(const Node& node, MatchConfig& value, const FieldContext& reading) {
  if (!node.is_map()) {
    reading.error(
        node, "expected a map of fields and patterns, or {} for every event; found " + std::string(node.kind_text()));
    return;
  }
  value.conditions = read_conditions(node, reading.report);
  const Node* excluded = node.find(not_key);
  if (excluded == nullptr) return;
  if (!excluded->is_map() || excluded->entries().empty())
    return reading.error(*excluded, "\"not\" takes a map of at least one field with patterns");
  if (const Node* nested = excluded->find(not_key))
    reading.report.error(nested->location(), "\"not\" inside \"not\" is not supported");
  value.none_of = read_conditions(*excluded, reading.report);
}

const Schema<DestinationConfig>& DestinationConfig::schema() {
  static const auto options = [](auto member) {
    return [member](DestinationConfig & destination) -> auto& { return destination.options.*member; };
  };
  static const auto schema =
      Schema<DestinationConfig>(
          "Where the events go. `topic` and `key` are templates: `{name}` stands for a field of the event (see "
          "`match`), "
          "`{name|text}` says what to take where it is missing or empty, `{{` and `}}` are braces.")
          .field(
              "sink", &DestinationConfig::sink,
              {.text = "Name of an entry under `sinks`.", .example = "lake", .required = true, .validate = check_name})
          .field("topic", &DestinationConfig::topic,
                 {.text = "Template of the topic. Needed by sinks that have topics.",
                  .example = "\"pbx.{family}.v1\"",
                  .validate = check_not_empty})
          .field("key", &DestinationConfig::key,
                 {.text = "Template of the key: events of one key keep their order.",
                  .example = "\"{entity}\"",
                  .validate = check_not_empty})
          .field("fallback_topic", &DestinationConfig::fallback_topic,
                 {.text = "Topic, without templates, for events of which `topic` cannot be made.",
                  .example = "pbx.unnamed.v1",
                  .validate = check_not_empty})
          .field("format", options(&DeliveryOptions::format),
                 {.text =
                      "Form of the message, instead of the sink's: the payload as it came, with CloudEvents attributes "
                      "next to it, or inside a CloudEvents JSON object."})
          .field("qos", options(&DeliveryOptions::qos),
                 {.text = "MQTT: quality of service, instead of the sink's.", .minimum = 0, .maximum = 2})
          .field("retain", options(&DeliveryOptions::retain),
                 {.text = "MQTT: whether the broker keeps the last message of a topic."})
          .field("message_expiry", options(&DeliveryOptions::message_expiry),
                 {.text = "MQTT 5: how long the broker keeps a message for a subscriber who is away.",
                  .example = "5m",
                  .minimum = 1000})
          .field("content_type", options(&DeliveryOptions::content_type),
                 {.text = "MQTT 5: content type, instead of the one that follows from the format.",
                  .example = "application/json",
                  .validate = wrong_content_type});
  return schema;
}

const Schema<RouteConfig>& RouteConfig::schema() {
  static const auto schema =
      Schema<RouteConfig>("Which events go where. Every route that matches an event applies.")
          .field(
              "match", &RouteConfig::match,
              {.text =
                   "Fields and the values they must have: all fields must match. A field is an attribute of the event "
                   "(`pbx`, `family`, `event_type`, `tenant`, `entity`, `entity_kind`, `id`, `content_hash`, `date`), "
                   "or else a field of its payload: `caller`, with dots into objects and lists `status.0.extension`, "
                   "with `payload.` before it whatever its name. A value may hold the wildcards `*` and `?`; of a "
                   "list, one value must match. What matches the map under `not` is left out. `{}` matches every "
                   "event.",
               .example = "{ family: [extension, queue], not: { event_type: \"*_presence\" } }",
               .required = true})
          .field("to", &RouteConfig::to,
                 {.text = "One destination or a list of them.", .required = true, .or_single = true})
          .check([](const RouteConfig& route, const WrittenKeys& written, Report& report) {
            if (route.to.empty())
              report.error(written.location("to"), "the route leads nowhere; name at least one sink");
          });
  return schema;
}

}  // namespace pbxbridge::config
