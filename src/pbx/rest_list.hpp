#pragma once

#include "pbxbridge/enum_names.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace pbxbridge::pbx {

/// Lists of a PBX's REST interface, named as their resources are.
enum class RestList : std::uint8_t {
  sessions,     ///< calls that are open
  call_queues,  ///< queues that there are
  users,        ///< people that there are, with their extensions
};

/// Words for the entries of such a list.
constexpr std::string_view what_it_lists(RestList list) {
  switch (list) {
    case RestList::sessions:
      return "open calls";
    case RestList::call_queues:
      return "queues";
    case RestList::users:
      return "extensions";
  }
  return {};
}

/// Names of what is listed, as events have them: calls by their session ids, queues and extensions by ids and by
/// numbers.
using ListedNames = std::set<std::string, std::less<>>;

}  // namespace pbxbridge::pbx

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::pbx::RestList> pbxbridge::enum_names<pbxbridge::pbx::RestList>[] = {
    {pbx::RestList::sessions, "sessions"},
    {pbx::RestList::call_queues, "call_queues"},
    {pbx::RestList::users, "users"}};
