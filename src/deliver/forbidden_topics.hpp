#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace pbxbridge::deliver {

/// Topics for which a peer seems to end the connection, whatever the event: two of the topic became suspects, one after
/// the other, and none was taken between. A single one may be at fault itself, by its size for example. Pure.
class ForbiddenTopics {
 public:
  /// Notes an event that became a suspect. Returns whether the topic is forbidden from now on.
  bool suspected(const std::string& topic);
  /// Notes an event that was taken. Returns whether the topic was forbidden until now.
  bool delivered(const std::string& topic);
  bool contains(const std::string& topic) const;
  bool empty() const { return suspects_.empty(); }

 private:
  std::map<std::string, std::size_t> suspects_;  // in a row
};

}  // namespace pbxbridge::deliver
