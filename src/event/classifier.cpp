#include "event/classifier.hpp"

#include "event/attribute_text.hpp"
#include "event/content_hash.hpp"
#include "event/event_types.hpp"
#include "event/json_document.hpp"
#include "event/sip_uri.hpp"
#include "event/top_level_fields.hpp"
#include "event/unix_time.hpp"
#include "pbxbridge/event.hpp"

#include <array>
#include <span>

namespace pbxbridge::event {

namespace {

struct EntityField {
  std::string_view name;
  bool is_sip_uri = false;
};

constexpr EntityField extension_fields[] = {{"extension", true}, {"extension_number", true}};
// The id first: every queue event has it, the number only some, and a queue's events must have one key to keep their
// order.
constexpr EntityField queue_fields[] = {{"queue_id"}, {"queue_number"}};
constexpr EntityField session_fields[] = {{"session_id"}, {"call_id"}};
constexpr EntityField trunk_fields[] = {{"trunk_name"}, {"trunk"}};  // the vendor shows no trunk event

/// Kinds in the order in which an event of an unknown type is asked for them.
constexpr EntityKind entity_kinds[] = {EntityKind::extension, EntityKind::queue, EntityKind::session,
                                       EntityKind::trunk};

std::span<const EntityField> entity_fields(EntityKind kind) {
  switch (kind) {
    case EntityKind::extension:
      return extension_fields;
    case EntityKind::queue:
      return queue_fields;
    case EntityKind::session:
      return session_fields;
    case EntityKind::trunk:
      return trunk_fields;
    case EntityKind::pbx:  // of pbxbridge's own events alone, as the following
    case EntityKind::agent:
    case EntityKind::none:
      break;
  }
  return {};
}

std::optional<std::string_view> filled(std::optional<std::string_view> text) {
  return text && !text->empty() ? text : std::nullopt;
}

}  // namespace

struct Classifier::Parser {
  JsonDocument document;
  TopLevelFields fields;
  std::string hashed;
  // Text that the attributes view where it is not the payload's own.
  ScalarText tenant_digits, entity_digits;
  std::string event_type_buffer, tenant_buffer, entity_buffer, sip_buffer;

  void read_attributes(EventAttributes& attributes, UntidinessSet& untidiness);
  std::optional<std::string_view> text(std::string_view name, ScalarText& digits);
  std::optional<std::string_view> agreed(const EventType& type, simdjson::dom::array elements, std::string_view name,
                                         ScalarText& digits);
  const EventType& read_event_type(EventAttributes& attributes, UntidinessSet& untidiness);
  std::optional<simdjson::dom::array> elements(const EventType& type) const;
  std::string_view read_tenant();
  std::optional<std::string_view> find_entity(EntityKind kind, const EventType& type);
  void read_entity(const EventType& type, EventAttributes& attributes);
  std::optional<std::chrono::sys_seconds> read_time(const EventType& type);
};

std::optional<std::string_view> Classifier::Parser::text(std::string_view name, ScalarText& digits) {
  const auto value = fields.find(name);
  return value ? filled(digits.of(*value, document, std::array{name})) : std::nullopt;
}

/// The text that all objects of the type's array have under `name`; nothing where one differs or lacks it.
std::optional<std::string_view> Classifier::Parser::agreed(const EventType& type, simdjson::dom::array elements,
                                                           std::string_view name, ScalarText& digits) {
  std::optional<std::string_view> text;
  ScalarText others_digits;
  std::size_t index = 0;
  for (const auto entry : elements) {
    simdjson::dom::element value;
    if (entry[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    const std::string position = std::to_string(index++);
    const auto own = (text ? others_digits : digits)
                         .of(value, document, std::array{type.elements, std::string_view(position), name});
    if (!own || (text && *text != *own)) return std::nullopt;
    if (!text) text = own;
  }
  return filled(text);
}

const EventType& Classifier::Parser::read_event_type(EventAttributes& attributes, UntidinessSet& untidiness) {
  static constexpr EventType unknown;
  const auto value = fields.find("event_type");
  std::string_view name;
  if (!value || value->get(name) != simdjson::SUCCESS || name.empty()) {
    untidiness.set(static_cast<std::size_t>(Untidiness::no_event_type));
    return unknown;
  }
  attributes.event_type = attribute_text(name, event_type_buffer);
  if (const auto* const known = find_event_type(name)) return *known;
  untidiness.set(static_cast<std::size_t>(Untidiness::unknown_event_type));
  return unknown;
}

std::optional<simdjson::dom::array> Classifier::Parser::elements(const EventType& type) const {
  if (type.elements.empty()) return std::nullopt;
  const auto value = fields.find(type.elements);
  simdjson::dom::array array;
  if (!value || value->get(array) != simdjson::SUCCESS) return std::nullopt;
  return array;
}

std::string_view Classifier::Parser::read_tenant() {
  for (const std::string_view name : {"tenant_id", "domain"})  // domain: 16.x
    if (const auto found = text(name, tenant_digits)) return attribute_text(*found, tenant_buffer);
  return {};
}

std::optional<std::string_view> Classifier::Parser::find_entity(EntityKind kind, const EventType& type) {
  const auto own_text = [this](const EntityField& field, std::optional<std::string_view> found) {
    return found && field.is_sip_uri ? filled(sip_user(*found, sip_buffer)) : found;
  };
  for (const auto& field : entity_fields(kind))
    if (const auto found = own_text(field, text(field.name, entity_digits))) return found;
  const auto array = elements(type);
  if (!array) return std::nullopt;
  for (const auto& field : entity_fields(kind))
    if (const auto found = own_text(field, agreed(type, *array, field.name, entity_digits))) return found;
  return std::nullopt;
}

void Classifier::Parser::read_entity(const EventType& type, EventAttributes& attributes) {
  const bool known = type.entity_kind != EntityKind::none;
  for (const auto kind : known ? std::span(&type.entity_kind, 1) : std::span<const EntityKind>(entity_kinds)) {
    const auto found = find_entity(kind, type);
    if (!found) continue;
    attributes.entity = attribute_text(*found, entity_buffer);
    attributes.entity_kind = kind;
    return;
  }
}

std::optional<std::chrono::sys_seconds> Classifier::Parser::read_time(const EventType& type) {
  ScalarText digits;
  for (const auto name : type.time_fields)
    if (const auto found = text(name, digits))
      if (const auto time = unix_time(*found)) return time;
  if (const auto array = elements(type))
    for (const auto name : type.time_fields)
      if (const auto found = agreed(type, *array, name, digits))
        if (const auto time = unix_time(*found)) return time;
  return std::nullopt;
}

void Classifier::Parser::read_attributes(EventAttributes& attributes, UntidinessSet& untidiness) {
  const auto notice = [&](Untidiness kind) { untidiness.set(static_cast<std::size_t>(kind)); };
  attributes.payload_kind = document.kind();
  if (!document.is_utf8()) notice(Untidiness::not_utf8);
  const bool is_read = document.root().has_value();
  if (document.kind() == PayloadKind::not_json && (document.is_utf8() || !is_read)) notice(Untidiness::not_json);
  if (!is_read) return;
  if (document.has_huge_number()) notice(Untidiness::huge_integer);
  simdjson::dom::object object;
  if (document.root()->get(object) != simdjson::SUCCESS) return notice(Untidiness::not_an_object);

  fields.read(object);
  if (fields.has_repeated_name()) notice(Untidiness::repeated_key);
  const auto& type = read_event_type(attributes, untidiness);
  attributes.family = type.family;
  attributes.tenant = read_tenant();
  read_entity(type, attributes);
  attributes.event_time = read_time(type);
}

Classifier::Classifier() : parser_(std::make_unique<Parser>()) {}

Classifier::~Classifier() = default;

JsonDocument& Classifier::document() { return parser_->document; }

Classified Classifier::classify(std::string_view payload, std::string_view pbx, SystemTime received_at,
                                std::uint32_t connection_epoch, bool is_snapshot) {
  EventAttributes attributes;
  attributes.pbx = pbx;
  attributes.received_at = received_at;
  attributes.connection_epoch = connection_epoch;
  attributes.is_snapshot = is_snapshot;
  attributes.content_hash = content_hash(pbx, payload, parser_->hashed);
  Classified classified;
  parser_->document.parse(payload);
  parser_->read_attributes(attributes, classified.untidiness);
  classified.event = Event::make(payload, attributes);
  return classified;
}

}  // namespace pbxbridge::event
