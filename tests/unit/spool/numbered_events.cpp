#include "numbered_events.hpp"

#include "pbxbridge/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <utility>

namespace pbxbridge::spool {

namespace {

/// Incompressible, so that the spools of these tests have the sizes that the tests count on; of an odd size the
/// opposite.
std::string numbered_payload(std::uint64_t number, std::size_t size) {
  std::string payload = fmt::format("{} ", number);
  std::mt19937_64 random(number + 1);
  if (size % 2 == 1) payload.resize(std::max(payload.size(), size), 'x');
  payload.reserve(size + sizeof(std::uint64_t));
  while (payload.size() < size) {
    const std::uint64_t bytes = random();
    payload.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
  }
  payload.resize(std::max<std::size_t>(size, 21));
  return payload;
}

struct Texts {
  std::string pbx;
  std::string event_type;
  std::string entity;
  std::string tenant;
};

Texts texts_of(std::uint64_t number) {
  return {fmt::format("pbx{}", number % 3), number % 5 == 0 ? "" : "call_start", std::to_string(number % 100),
          fmt::format("7100000000000{:05}", number)};
}

/// The numbers are those of the time when the committed store was made, which is compared with these events.
constexpr std::array pushed_families = {Family::extension_management,
                                        Family::extension,
                                        Family::cdr,
                                        Family::queue_management,
                                        Family::queue,
                                        Family::trunk,
                                        Family::unknown};

EventAttributes attributes_of(std::uint64_t number, const Texts& texts) {
  EventAttributes attributes;
  attributes.pbx = texts.pbx;
  attributes.event_type = texts.event_type;
  attributes.tenant = texts.tenant;
  attributes.entity = texts.entity;
  attributes.entity_kind = static_cast<EntityKind>(number % 5);
  attributes.family = pushed_families[number % pushed_families.size()];
  attributes.payload_kind = static_cast<PayloadKind>(number % 3);
  if (number % 2 == 0) attributes.event_time = std::chrono::sys_seconds(std::chrono::seconds(1'764'000'000 + number));
  attributes.received_at = SystemTime(std::chrono::seconds(1'764'000'000) + std::chrono::microseconds(number));
  attributes.connection_epoch = static_cast<std::uint32_t>(number / 7);
  for (std::size_t i = 0; i < attributes.content_hash.size(); ++i)
    attributes.content_hash[i] = static_cast<std::uint8_t>(number * 31 + i);
  return attributes;
}

}  // namespace

NewEventPtr numbered_event(std::uint64_t number, std::size_t payload_size) {
  const Texts texts = texts_of(number);
  return Event::make(numbered_payload(number, payload_size), attributes_of(number, texts));
}

EventPtr accepted_event(std::uint64_t number, Sequence sequence, SpoolId spool_id, std::size_t payload_size) {
  auto event = numbered_event(number, payload_size);
  event->accept(sequence, spool_id);
  return event;
}

std::int64_t number_of(const Event& event) {
  std::uint64_t number = 0;
  const auto payload = event.payload();
  if (std::from_chars(payload.data(), payload.data() + payload.size(), number).ec != std::errc()) return -1;
  const auto made = numbered_event(number, payload.size());
  const bool same = made->payload() == payload && made->pbx() == event.pbx() &&
                    made->event_type() == event.event_type() && made->tenant() == event.tenant() &&
                    made->entity() == event.entity() && made->entity_kind() == event.entity_kind() &&
                    made->family() == event.family() && made->payload_kind() == event.payload_kind() &&
                    made->event_time() == event.event_time() && made->received_at() == event.received_at() &&
                    made->connection_epoch() == event.connection_epoch() &&
                    made->content_hash() == event.content_hash();
  return same ? static_cast<std::int64_t>(number) : -1;
}

}  // namespace pbxbridge::spool
