#include "explain/case_file.hpp"

#include "config/schema/file_text.hpp"
#include "explain/event_reader.hpp"
#include "explain/time_text.hpp"
#include "explain/yaml_json.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/config/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace pbxbridge::config {

template <>
struct Reader<explain::PayloadText> {
  static TypeDescription describe() { return {TypeDescription::Kind::text}; }
  static void read(const Node& node, explain::PayloadText& value, const FieldContext& context) {
    if (node.kind() == Node::Kind::nothing)
      return context.error(node, "expected a map of the event's fields, or its text; found nothing");
    value.is_json_value = node.is_map() || node.is_list();
    value.bytes = value.is_json_value ? explain::json_of(node) : node.text();
  }
  static std::string to_yaml(const explain::PayloadText&) { return ""; }
};

}  // namespace pbxbridge::config

namespace pbxbridge::explain {

namespace {

std::string wrong_time(std::string_view text) {
  return time_from_text(text) ? "" : "expected a time as RFC 3339 writes it, such as 2026-05-31T08:00:00Z";
}

void check_event(const Case& each, const config::WrittenKeys& written, config::Report& report) {
  if (written.has("event") == written.has("event_file"))
    report.error(each.location, written.has("event") ? "give either \"event\" or \"event_file\", not both"
                                                     : "missing \"event\" (or \"event_file\")");
}

void check_name(const config::Located<std::string>& name, std::string_view what,
                const std::vector<std::string_view>& names, config::Report& report) {
  if (!names.empty() && std::ranges::find(names, name.value) == names.end())
    report.error(name.location, fmt::format("the configuration has no {} \"{}\"{}", what, name.value,
                                            config::suggestion(name.value, names)));
}

/// One event as a file has it: over several lines or on one, whose line break is not the event's.
std::string without_last_line_break(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

void read_event_file(Case& each, const std::filesystem::path& directory, config::Report& report) {
  const auto text = config::read_file(directory / each.event_file.value, EventReader::longest_event);
  if (!text) return report.error(each.event_file.location, text.error().text);
  each.event = PayloadText{without_last_line_break(*text)};
}

}  // namespace

const config::Schema<ExpectedMessage>& ExpectedMessage::schema() {
  static const auto schema =
      config::Schema<ExpectedMessage>("One message that must be sent. What is left out may be anything.")
          .field("sink", &ExpectedMessage::sink, {.text = "Its sink.", .required = true})
          .field("topic", &ExpectedMessage::topic, {.text = "Its whole topic; \"\" for none."})
          .field("key", &ExpectedMessage::key, {.text = "Its whole key; \"\" for none."})
          .field("fallback", &ExpectedMessage::fallback, {.text = "Whether the topic is the fallback topic."})
          .field("headers", &ExpectedMessage::headers, {.text = "Kafka headers or MQTT user properties that it has."})
          .field("properties", &ExpectedMessage::properties, {.text = "Such as `qos`, `retain`, `content_type`."})
          .field("payload", &ExpectedMessage::payload, {.text = "A text: its bytes; a map: JSON of the same value."});
  return schema;
}

const config::Schema<ExpectedEvent>& ExpectedEvent::schema() {
  static const auto schema =
      config::Schema<ExpectedEvent>("Attributes that the event must have. What is left out may be anything.")
          .field("family", &ExpectedEvent::family)
          .field("event_type", &ExpectedEvent::event_type)
          .field("entity", &ExpectedEvent::entity)
          .field("entity_kind", &ExpectedEvent::entity_kind)
          .field("tenant", &ExpectedEvent::tenant)
          .field("event_time", &ExpectedEvent::event_time)
          .field("untidy", &ExpectedEvent::untidy,
                 {.text = "All kinds of untidiness; [] for none.", .or_single = true});
  return schema;
}

const config::Schema<Case>& Case::schema() {
  static const auto schema =
      config::Schema<Case>("One event, and what must become of it.")
          .field("name", &Case::name, {.text = "What it shows.", .required = true, .validate = config::check_not_empty})
          .field("event", &Case::event, {.text = "A map: the event's JSON; a text: its bytes."})
          .field("event_file", &Case::event_file, {.text = "A file with the event, relative to this one."})
          .field("pbx", &Case::pbx, {.text = "The PBX that it comes from; else the configuration's first."})
          .field("received", &Case::received, {.text = "When it comes.", .validate = wrong_time})
          .field("is", &Case::is, {.text = "Attributes of the event."})
          .field("expect", &Case::expect,
                 {.text = "The messages, one or a list; [] for none.", .required = true, .or_single = true})
          .check({}, check_event);
  return schema;
}

const config::Schema<CaseFile>& CaseFile::schema() {
  static const auto schema = config::Schema<CaseFile>("Tests of a configuration.")
                                 .field("cases", &CaseFile::cases, {.text = "The tests.", .required = true});
  return schema;
}

CaseFile load_cases(const std::filesystem::path& path, const std::vector<std::string_view>& pbx_names,
                    const std::vector<std::string_view>& sink_names, config::Report& report) {
  CaseFile file;
  const auto text = config::read_file(path, config::max_document_bytes);
  if (!text) {
    report.error({}, text.error().text);
    return file;
  }
  const auto document = config::parse_document(*text, report);
  if (!document) return file;
  CaseFile::schema().read(*document, file, report);
  if (file.cases.empty() && !report.has_errors()) report.error(document->location(), "\"cases\" holds no case");
  for (Case& each : file.cases) {
    if (!each.event_file.value.empty()) read_event_file(each, path.parent_path(), report);
    if (!each.pbx.value.empty()) check_name(each.pbx, "PBX", pbx_names, report);
    for (const ExpectedMessage& message : each.expect)
      if (!message.sink.value.empty()) check_name(message.sink, "sink", sink_names, report);
  }
  return file;
}

}  // namespace pbxbridge::explain
