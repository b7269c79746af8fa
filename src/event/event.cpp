#include "pbxbridge/event.hpp"

#include <span>
#include <utility>

namespace pbxbridge {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
  for (const auto byte : bytes) {
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 0xf];
  }
}

const std::shared_ptr<const SpoolId>& no_spool_id() {
  static const auto id = std::make_shared<const SpoolId>();
  return id;
}

}  // namespace

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
      spool_id_(no_spool_id()),
      entity_kind_(attributes.entity_kind),
      family_(attributes.family),
      payload_kind_(attributes.payload_kind) {
  const auto texts = {payload, attributes.pbx, attributes.event_type, attributes.tenant, attributes.entity};
  std::size_t size = 0;
  for (const auto text : texts) size += text.size();
  storage_.reserve(size);
  for (const auto text : texts) storage_ += text;
}

std::string Event::content_hash_hex() const {
  std::string text;
  text.reserve(2 * content_hash_.size());
  append_hex(text, content_hash_);
  return text;
}

std::string Event::id() const {
  if (spool_id_->empty()) return {};
  std::array<std::uint8_t, sizeof(sequence_.value)> big_endian;
  for (std::size_t i = 0; i < big_endian.size(); ++i)
    big_endian[i] = static_cast<std::uint8_t>(sequence_.value >> (8 * (big_endian.size() - 1 - i)));
  std::string text;
  text.reserve(spool_id_->size() + 1 + 2 * big_endian.size());
  text += *spool_id_;
  text += '-';
  append_hex(text, big_endian);
  return text;
}

void Event::accept(Sequence sequence, std::shared_ptr<const SpoolId> spool_id) {
  sequence_ = sequence;
  spool_id_ = std::move(spool_id);
}

}  // namespace pbxbridge
