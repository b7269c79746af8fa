#include "spool/cursor/held_back.hpp"

#include "spool/log/byte_codec.hpp"

#include <algorithm>

namespace pbxbridge::spool {

Sequence HeldBack::done_from(Sequence position) const {
  if (position >= passed) return position;
  const auto next = std::ranges::upper_bound(deliveries, position, {}, &HeldDelivery::event);
  return next == deliveries.end() ? passed : std::max(position, Sequence{next->event.value - 1});
}

std::uint64_t HeldBack::behind(Sequence position) const {
  std::uint64_t events = 0;
  for (auto next = std::ranges::upper_bound(deliveries, position, {}, &HeldDelivery::event); next != deliveries.end();
       ++next) {
    if (next->event == position) continue;
    ++events;
    position = next->event;
  }
  return events;
}

bool HeldBack::is_done(Sequence event) const {
  return event <= passed && !std::ranges::binary_search(deliveries, event, {}, &HeldDelivery::event);
}

bool HeldBack::holds(const HeldDelivery& delivery) const {
  auto next = std::ranges::lower_bound(deliveries, delivery.event, {}, &HeldDelivery::event);
  while (next != deliveries.end() && next->event == delivery.event && *next != delivery) ++next;
  return next != deliveries.end() && *next == delivery;
}

void HeldBack::extend(const HeldBack& older) {
  if (older.passed <= passed) return;
  for (const HeldDelivery& delivery : older.deliveries)
    if (delivery.event > passed) deliveries.push_back(delivery);
  passed = older.passed;
}

std::string encode_held_back(const HeldBack& held_back) {
  std::string bytes;
  put(bytes, held_back.passed.value);
  for (const auto& [event, destination] : held_back.deliveries) {
    put(bytes, event.value);
    put(bytes, destination);
  }
  return bytes;
}

std::optional<HeldBack> decode_held_back(std::string_view bytes) {
  HeldBack held_back;
  Cutter cutter(bytes);
  held_back.passed.value = cutter.number<std::uint64_t>();
  while (cutter.ok() && !cutter.at_end()) {
    const Sequence event{cutter.number<std::uint64_t>()};
    held_back.deliveries.push_back({event, cutter.number<std::uint64_t>()});
  }
  const auto& deliveries = held_back.deliveries;
  const bool in_order = std::ranges::is_sorted(deliveries, {}, &HeldDelivery::event) &&
                        (deliveries.empty() || deliveries.back().event <= held_back.passed);
  if (!cutter.ok() || !in_order) return std::nullopt;
  return held_back;
}

}  // namespace pbxbridge::spool
