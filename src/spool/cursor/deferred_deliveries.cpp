#include "spool/cursor/deferred_deliveries.hpp"

#include "spool/log/byte_codec.hpp"

#include <algorithm>

namespace pbxbridge::spool {

Sequence DeferredDeliveries::done_from(Sequence position) const {
  if (position >= passed) return position;
  const auto next = std::ranges::upper_bound(deliveries, position, {}, &DeferredDelivery::event);
  return next == deliveries.end() ? passed : std::max(position, Sequence{next->event.value - 1});
}

std::uint64_t DeferredDeliveries::after(Sequence position) const {
  std::uint64_t events = 0;
  for (auto next = std::ranges::upper_bound(deliveries, position, {}, &DeferredDelivery::event);
       next != deliveries.end(); ++next) {
    if (next->event == position) continue;
    ++events;
    position = next->event;
  }
  return events;
}

bool DeferredDeliveries::is_done(Sequence event) const {
  return event <= passed && !std::ranges::binary_search(deliveries, event, {}, &DeferredDelivery::event);
}

bool DeferredDeliveries::holds(const DeferredDelivery& delivery) const {
  auto next = std::ranges::lower_bound(deliveries, delivery.event, {}, &DeferredDelivery::event);
  while (next != deliveries.end() && next->event == delivery.event && *next != delivery) ++next;
  return next != deliveries.end() && *next == delivery;
}

void DeferredDeliveries::extend(const DeferredDeliveries& older) {
  if (older.passed <= passed) return;
  for (const DeferredDelivery& delivery : older.deliveries)
    if (delivery.event > passed) deliveries.push_back(delivery);
  passed = older.passed;
}

std::string encode_deferred(const DeferredDeliveries& deferred) {
  std::string bytes;
  put(bytes, deferred.passed.value);
  for (const auto& [event, destination] : deferred.deliveries) {
    put(bytes, event.value);
    put(bytes, destination);
  }
  return bytes;
}

std::optional<DeferredDeliveries> decode_deferred(std::string_view bytes) {
  DeferredDeliveries deferred;
  Cutter cutter(bytes);
  deferred.passed.value = cutter.number<std::uint64_t>();
  while (cutter.ok() && !cutter.at_end()) {
    const Sequence event{cutter.number<std::uint64_t>()};
    deferred.deliveries.push_back({event, cutter.number<std::uint64_t>()});
  }
  const auto& deliveries = deferred.deliveries;
  const bool in_order = std::ranges::is_sorted(deliveries, {}, &DeferredDelivery::event) &&
                        (deliveries.empty() || deliveries.back().event <= deferred.passed);
  if (!cutter.ok() || !in_order) return std::nullopt;
  return deferred;
}

}  // namespace pbxbridge::spool
