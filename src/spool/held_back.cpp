#include "spool/held_back.hpp"

#include "spool/byte_codec.hpp"

#include <algorithm>
#include <functional>

namespace pbxbridge::spool {

Sequence HeldBack::done_from(Sequence position) const {
  if (position >= passed) return position;
  const auto next = std::ranges::upper_bound(events, position);
  return next == events.end() ? passed : std::max(position, Sequence{next->value - 1});
}

std::size_t HeldBack::behind(Sequence position) const {
  return static_cast<std::size_t>(events.end() - std::ranges::upper_bound(events, position));
}

bool HeldBack::is_done(Sequence event) const { return event <= passed && !std::ranges::binary_search(events, event); }

std::string encode_held_back(const HeldBack& held_back) {
  std::string bytes;
  put(bytes, held_back.passed.value);
  for (const Sequence event : held_back.events) put(bytes, event.value);
  return bytes;
}

std::optional<HeldBack> decode_held_back(std::string_view bytes) {
  HeldBack held_back;
  Cutter cutter(bytes);
  held_back.passed.value = cutter.number<std::uint64_t>();
  while (cutter.ok() && !cutter.at_end()) held_back.events.push_back(Sequence{cutter.number<std::uint64_t>()});
  const bool in_order =
      std::ranges::adjacent_find(held_back.events, std::greater_equal<>()) == held_back.events.end() &&
      (held_back.events.empty() || held_back.events.back() <= held_back.passed);
  if (!cutter.ok() || !in_order) return std::nullopt;
  return held_back;
}

}  // namespace pbxbridge::spool
