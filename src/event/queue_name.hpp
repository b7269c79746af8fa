#pragma once

#include <compare>
#include <set>
#include <string>

namespace pbxbridge::event {

/// A queue as administration names it: without the id by which events say what happens in it.
struct QueueName {
  std::string tenant;  ///< may be empty
  std::string number;
  auto operator<=>(const QueueName&) const = default;  // NOLINT(modernize-use-nullptr): it compares with 0
};
using QueueNames = std::set<QueueName>;

}  // namespace pbxbridge::event
