#include "truth/judge.hpp"

#include "pbxbridge/event.hpp"

#include <fmt/format.h>

#include <functional>
#include <unordered_map>

namespace pbxbridge::bench {

namespace {

constexpr std::size_t examples_of_a_kind = 3;
constexpr std::size_t shown_bytes = 120;

/// Never 0, which stands for none yet.
std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text) | 1; }

}  // namespace

Judge::Judge(const EventFile& events)
    : events_(events),
      seen_(events.count()),
      newest_(events.entity_count()),
      key_(events.entity_count()),
      split_(events.entity_count()) {}

std::uint32_t Judge::take(std::string_view payload, std::string_view key, const std::optional<CloudEvent>& attributes) {
  const auto number = number_of(payload);
  if (!number || *number == 0 || *number > events_.count()) {
    note(++findings_.foreign, fmt::format("no event that was pushed: {}", payload.substr(0, shown_bytes)));
    return 0;
  }
  if (payload != events_.event(*number)) {
    note(++findings_.altered, fmt::format("event {} came with other bytes", *number));
    return 0;
  }
  if (attributes) check_attributes(*number, *attributes);
  check_key(*number, key);
  if (seen_[*number - 1]) {
    ++findings_.duplicates;
    return 0;
  }
  seen_[*number - 1] = true;
  ++findings_.delivered;
  check_order(*number);
  return *number;
}

void Judge::check_order(std::uint32_t number) {
  auto& newest = newest_[events_.entity(number)];
  if (newest < number)
    newest = number;
  else
    note(++findings_.out_of_order, fmt::format("event {} came after event {} of the same entity", number, newest));
}

void Judge::check_key(std::uint32_t number, std::string_view key) {
  const auto entity = events_.entity(number);
  const auto hash = hash_of(key);
  if (key_[entity] == 0) key_[entity] = hash;
  if (key_[entity] == hash || split_[entity]) return;
  split_[entity] = true;
  note(++findings_.split_keys, fmt::format("event {} came under another key than those before: {}", number, key));
}

void Judge::check_attributes(std::uint32_t number, const CloudEvent& attributes) {
  if (const auto fault = fault_of(attributes); !fault.empty())
    note(++findings_.without_attributes, fmt::format("event {} came {}", number, fault));
  if (attributes.id.empty()) return;
  if (id_.empty()) id_.resize(events_.count());
  auto& first = id_[number - 1];
  const auto hash = hash_of(attributes.id);
  if (first == 0) first = hash;
  if (first != hash) note(++findings_.changed_ids, fmt::format("event {} came again as {}", number, attributes.id));
}

void Judge::find_shared_ids() {
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  numbers.reserve(id_.size());
  for (std::uint32_t number = 1; number <= id_.size(); ++number) {
    if (id_[number - 1] == 0) continue;
    const auto first = numbers.emplace(id_[number - 1], number).first->second;
    if (first != number) note(++findings_.shared_ids, fmt::format("events {} and {} have one id", first, number));
  }
}

/// Under one key for everything each order would do, and a consumer could tell nothing by it.
void Judge::find_merged_keys() {
  std::unordered_map<std::uint64_t, std::string_view> names;
  for (std::uint32_t entity = 0; entity < key_.size(); ++entity) {
    if (key_[entity] == 0) continue;
    const auto name = events_.entity_name(entity);
    const auto first = names.emplace(key_[entity], name).first->second;
    if (first != name) note(++findings_.merged_keys, fmt::format("{} and {} came under one key", first, name));
  }
}

Findings Judge::finish() {
  for (std::uint32_t number = 1; number <= events_.count(); ++number)
    if (!seen_[number - 1]) note(++findings_.lost, fmt::format("event {} never came", number));
  find_merged_keys();
  find_shared_ids();
  return findings_;
}

void Judge::note(std::size_t count, std::string text) {
  if (count <= examples_of_a_kind) findings_.examples.push_back(std::move(text));
}

}  // namespace pbxbridge::bench
