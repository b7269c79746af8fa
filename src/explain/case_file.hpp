#pragma once

// The file of `pbxbridge test`: events, and what each is to become.

#include "event/untidiness.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/event.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::explain {

/// Bytes of a payload. In the file a text is the bytes themselves; a map or a list stands for its JSON.
struct PayloadText {
  std::string bytes;
  bool is_json_value = false;  ///< written as a map or a list, so that only the value counts
};

/// A message that a case expects. What is left out may be anything.
struct ExpectedMessage {
  config::Located<std::string> sink;
  std::optional<std::string> topic;
  std::optional<std::string> key;
  std::optional<bool> fallback;
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> properties;
  std::optional<PayloadText> payload;
  config::Location location;
  static const config::Schema<ExpectedMessage>& schema();
};

/// Attributes that a case expects of the event itself. One that is left out may be anything; an empty text: the event
/// has none.
struct ExpectedEvent {
  std::optional<Family> family;
  std::optional<std::string> event_type;
  std::optional<std::string> entity;
  std::optional<EntityKind> entity_kind;
  std::optional<std::string> tenant;
  std::optional<std::string> event_time;
  std::optional<std::vector<event::Untidiness>> untidy;
  static const config::Schema<ExpectedEvent>& schema();
};

struct Case {
  std::string name;
  std::optional<PayloadText> event;
  config::Located<std::filesystem::path> event_file;
  config::Located<std::string> pbx;  ///< empty: the configuration's first
  std::string received = "2026-01-01T00:00:00Z";
  ExpectedEvent is;
  std::vector<ExpectedMessage> expect;
  config::Location location;
  static const config::Schema<Case>& schema();
};

struct CaseFile {
  std::vector<Case> cases;
  static const config::Schema<CaseFile>& schema();
};

/// Reads and checks a file of cases, and the files of events that it names, which stand relative to it. To be used
/// only if the report has no errors. `pbx_names` and `sink_names` are the configuration's;
/// empty: not known.
CaseFile load_cases(const std::filesystem::path& path, const std::vector<std::string_view>& pbx_names,
                    const std::vector<std::string_view>& sink_names, config::Report& report);

}  // namespace pbxbridge::explain
