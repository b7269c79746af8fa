#pragma once

#include "derive/state/row_key.hpp"
#include "derive/state/tables.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace pbxbridge::derive::state {

/// Rows that one step changes, or shows, at most: so that the io thread and a commit soon go on to other things.
inline constexpr std::size_t rows_at_once = 256;

/// Names of rows for which `is_meant`, some at a time.
template <class T, class IsMeant>
std::vector<std::string> names_of(const ByName<T>& table, IsMeant is_meant) {
  std::vector<std::string> names;
  for (const auto& [name, row] : table) {
    if (names.size() >= rows_at_once) break;
    if (is_meant(split_name(name), row)) names.push_back(name);
  }
  return names;
}

}  // namespace pbxbridge::derive::state
