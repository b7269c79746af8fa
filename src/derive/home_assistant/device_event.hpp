#pragma once

#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::derive::home_assistant {

/// Names a device that was announced: also in the spool, so that a later process can take it back.
struct DeviceName {
  std::string sink;
  std::string prefix;  ///< discovery prefix of Home Assistant
  std::string id;
  auto operator<=>(const DeviceName&) const = default;  // NOLINT(modernize-use-nullptr): it compares with 0

  /// Key of the device's row in the tables of the spool. On the disk: its form never changes.
  std::string stored_key() const;
  /// Returns nothing for a row of something else.
  static std::optional<DeviceName> of_stored_key(std::string_view key);
};

/// `bridge_home_assistant`: announces the device, with a discovery message as its payload.
NewEventPtr device_event(const std::string& id, std::string_view pbx, std::string_view payload, SystemTime at);
/// Takes it back. The payload names sink and prefix, which need not be those of the configuration any more.
NewEventPtr device_removal(const DeviceName& name, std::string_view pbx, SystemTime at);

}  // namespace pbxbridge::derive::home_assistant
