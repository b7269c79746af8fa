#include "config/route_config.hpp"

#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/schema.hpp"

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
  static const auto schema =
      Schema<DestinationConfig>(
          "Where the events go. `topic` and `key` are templates: `{name}` stands for a field of the event (see "
          "`match`), "
          "`{name|text}` says what to take where it is missing or empty, `{{` and `}}` are braces. The type of the "
          "sink may have further fields.")
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
                  .validate = check_not_empty});
  return schema;
}

void Reader<DestinationConfig>::read(const Node& node, DestinationConfig& value, const FieldContext& reading) {
  value.node = node;
  DestinationConfig::schema().read(node, value, reading.report, UnknownKeys{.are_errors = false});
}

const Schema<RouteConfig>& RouteConfig::schema() {
  static const auto schema =
      Schema<RouteConfig>("Which events go where. Every route that matches an event applies.")
          .field(
              "match", &RouteConfig::match,
              {.text =
                   "Fields and the values they must have: all fields must match. A field is an attribute of the event "
                   "(`pbx`, `family`, `event_type`, `tenant`, `entity`, `entity_kind`, `id`, `content_hash`, "
                   "`snapshot`, `date`), or else a field of its payload: `caller`, with dots into objects and lists "
                   "`status.0.extension`, with `payload.` before it whatever its name. A value may hold the wildcards "
                   "`*` and `?`; of a list, one value must match. What matches the map under `not` is left out. `{}` "
                   "matches every event.",
               .example = "{ family: [extension, queue], not: { event_type: \"*_presence\" } }",
               .required = true})
          .field("to", &RouteConfig::to,
                 {.text = "One destination or a list of them.", .required = true, .or_single = true})
          .check({"to"}, [](const RouteConfig& route, const WrittenKeys& written, Report& report) {
            if (route.to.empty())
              report.error(written.location("to"), "the route leads nowhere; name at least one sink");
          });
  return schema;
}

}  // namespace pbxbridge::config
