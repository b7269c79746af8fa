#include "derive/state/row_key.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pbxbridge::derive::state {

namespace {

constexpr char separator = '\0';

constexpr std::array<std::pair<TableKind, char>, enum_count<TableKind>> letters = {{{TableKind::extension, 'e'},
                                                                                    {TableKind::queue, 'q'},
                                                                                    {TableKind::agent, 'a'},
                                                                                    {TableKind::caller, 'w'},
                                                                                    {TableKind::call, 'c'}}};

}  // namespace

std::string row_name(std::string_view pbx, std::string_view tenant, std::string_view entity) {
  std::string name;
  name.reserve(pbx.size() + tenant.size() + entity.size() + 2);
  name.append(pbx).append(1, separator).append(tenant).append(1, separator).append(entity);
  return name;
}

std::string name_in_queue(std::string_view queue_name, std::string_view entity) {
  std::string name;
  name.reserve(queue_name.size() + 1 + entity.size());
  name.append(queue_name).append(1, separator).append(entity);
  return name;
}

RowName split_name(std::string_view name) {
  const auto pbx = name.substr(0, name.find(separator));
  const auto rest = name.substr(pbx.size() + 1);
  const auto tenant = rest.substr(0, rest.find(separator));
  return {pbx, tenant, rest.substr(tenant.size() + 1)};
}

NameInQueue split_name_in_queue(std::string_view name) {
  const auto end = name.rfind(separator);
  return {name.substr(0, end), name.substr(end + 1)};
}

std::string stored_key(TableKind kind, std::string_view name) {
  std::string key;
  key.reserve(1 + name.size());
  key.append(1, letters[static_cast<std::size_t>(kind)].second).append(name);
  return key;
}

std::optional<StoredKey> read_stored_key(std::string_view key) {
  if (key.empty()) return std::nullopt;
  const auto letter = std::ranges::find(letters, key.front(), &std::pair<TableKind, char>::second);
  if (letter == letters.end()) return std::nullopt;
  key.remove_prefix(1);
  if (std::ranges::count(key, separator) != (is_in_queue(letter->first) ? 3 : 2)) return std::nullopt;
  return StoredKey{letter->first, key};
}

}  // namespace pbxbridge::derive::state
