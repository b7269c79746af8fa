#pragma once

#include <map>
#include <string>
#include <vector>

namespace pbxbridge::derive::home_assistant {

/// All that Home Assistant is to be told about, and where it reads it.
struct Installation {
  std::string sink;                               ///< name of the sink that its broker belongs to
  std::string pbx;                                ///< whose extensions and queues they are
  std::string version;                            ///< of pbxbridge
  std::string status_topic;                       ///< `online` and `offline`; empty: there is none
  std::string link_topic;                         ///< of `bridge_link`
  std::string gap_topic;                          ///< of `bridge_gap`; empty: there is none
  std::string bridge_topic;                       ///< of `bridge_status`; empty: there is none
  std::map<std::string, std::string> extensions;  ///< topics of `state_extension` by number
  std::map<std::string, std::string> queues;      ///< topics of `state_queue` by number
};

struct Device {
  std::string id;       ///< stable, of letters, digits, `_` and `-`
  std::string payload;  ///< a discovery message of Home Assistant, JSON
  bool operator==(const Device&) const = default;
};

/// One device for pbxbridge and the link, then one for each extension and queue. None at all where there is neither.
/// Pure.
std::vector<Device> devices_of(const Installation& installation);

}  // namespace pbxbridge::derive::home_assistant
