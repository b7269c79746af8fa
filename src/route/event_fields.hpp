#pragma once

#include "event/json_document.hpp"
#include "pbxbridge/event_kinds.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "route/field.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::route {

/// The fields of one event as texts. Parses the payload when its first field is asked for.
class EventFields {
 public:
  /// Both must outlive this object.
  EventFields(const Event& event, event::JsonDocument& document) : event_(event), document_(document) {}

  /// Strings, numbers and booleans. Nothing for what is not there, for null, objects and arrays, and for an attribute
  /// that is empty, as an unknown one is. Valid until the next call.
  std::optional<std::string_view> find(const Field& field);

  Family family() const;
  /// The family of pbxbridge's own of which a PBX pushed the event under the name of a type.
  std::optional<Family> forged_family() const;

 private:
  std::optional<std::string_view> find_attribute(Attribute attribute);
  std::optional<std::string_view> find_in_payload(const PayloadPath& path);

  const Event& event_;
  event::JsonDocument& document_;
  event::ScalarText digits_;
  std::string made_;  // an attribute that is not held as a text
};

}  // namespace pbxbridge::route
