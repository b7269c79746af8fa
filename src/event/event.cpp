#include "pbxbridge/event.hpp"

#include <algorithm>
#include <charconv>
#include <new>
#include <random>
#include <span>

namespace pbxbridge {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

/// Writes into memory that is there, for an id is made for each message.
void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
  const std::size_t begin = text.size();
  text.resize(begin + 2 * bytes.size());
  char* out = text.data() + begin;
  for (const auto byte : bytes) {
    *out++ = hex_digits[byte >> 4];
    *out++ = hex_digits[byte & 0xf];
  }
}

void append_hex(std::string& text, std::uint64_t number) {
  std::array<std::uint8_t, sizeof(number)> big_endian;
  for (std::size_t i = 0; i < big_endian.size(); ++i)
    big_endian[i] = static_cast<std::uint8_t>(number >> (8 * (big_endian.size() - 1 - i)));
  append_hex(text, big_endian);
}

}  // namespace

SpoolId SpoolId::random() {
  std::random_device device;
  const std::uint64_t upper = device();
  return SpoolId{(upper << 32) | device()};
}

std::string SpoolId::text() const {
  std::string text;
  append_hex(text, value);
  return text;
}

std::optional<SpoolId> SpoolId::from_text(std::string_view text) {
  SpoolId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value, 16);
  if (error != std::errc() || end != text.data() + text.size() || id.text() != text) return std::nullopt;
  return id;
}

NewEventPtr Event::make(std::string_view payload, const EventAttributes& attributes) {
  const std::size_t texts = payload.size() + attributes.pbx.size() + attributes.event_type.size() +
                            attributes.tenant.size() + attributes.entity.size();
  void* const memory = ::operator new(sizeof(Event) + texts);
  return NewEventPtr(new (memory) Event(payload, attributes));
}

void intrusive_ptr_release(const Event* event) noexcept {
  if (event->owners_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  event->~Event();
  ::operator delete(const_cast<Event*>(event));
}

Event::Event(std::string_view payload, const EventAttributes& attributes)
    : payload_size_(static_cast<std::uint32_t>(payload.size())),
      pbx_size_(static_cast<std::uint32_t>(attributes.pbx.size())),
      event_type_size_(static_cast<std::uint32_t>(attributes.event_type.size())),
      tenant_size_(static_cast<std::uint32_t>(attributes.tenant.size())),
      entity_size_(static_cast<std::uint32_t>(attributes.entity.size())),
      connection_epoch_(attributes.connection_epoch),
      received_at_(attributes.received_at),
      event_time_(attributes.event_time),
      content_hash_(attributes.content_hash),
      entity_kind_(attributes.entity_kind),
      family_(attributes.family),
      payload_kind_(attributes.payload_kind),
      is_removal_(attributes.is_removal),
      is_snapshot_(attributes.is_snapshot) {
  auto* end = reinterpret_cast<char*>(this + 1);
  for (const auto text : {payload, attributes.pbx, attributes.event_type, attributes.tenant, attributes.entity})
    end = std::copy(text.begin(), text.end(), end);
}

void Event::name_cause(const Event& cause) {
  constexpr std::string_view end = "\"}";
  const std::string_view document = payload();
  if (!document.ends_with(end) || !document.substr(0, document.size() - end.size()).ends_with(cause_placeholder))
    return;
  const std::string id = cause.id();
  auto* const place = reinterpret_cast<char*>(this + 1) + document.size() - end.size() - cause_placeholder.size();
  std::ranges::copy(id, place);
}

std::string Event::content_hash_hex() const {
  std::string text;
  text.reserve(2 * content_hash_.size());
  append_content_hash_hex(text);
  return text;
}

void Event::append_content_hash_hex(std::string& out) const { append_hex(out, content_hash_); }

std::string Event::id() const {
  std::string text;
  text.reserve(4 * sizeof(std::uint64_t) + 1);
  append_id(text);
  return text;
}

void Event::append_id(std::string& out) const {
  if (spool_id_ == SpoolId{}) return;
  append_hex(out, spool_id_.value);
  out += '-';
  append_hex(out, sequence_.value);
}

}  // namespace pbxbridge
