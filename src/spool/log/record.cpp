#include "spool/log/record.hpp"

#include "pbxbridge/event.hpp"
#include "spool/log/byte_codec.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/stored_values.hpp"

#include <cstring>
#include <limits>
#include <optional>

namespace pbxbridge::spool {

namespace {

constexpr std::uint8_t record_format = 1;
constexpr std::uint8_t removal_flag = 1;
constexpr std::uint8_t snapshot_flag = 2;
constexpr std::int64_t no_time = std::numeric_limits<std::int64_t>::min();

void encode_body(std::string& out, const Event& event) {
  put(out, event.sequence().value);
  put(out, std::int64_t{event.received_at().time_since_epoch().count()});
  put(out, event.event_time() ? std::int64_t{event.event_time()->time_since_epoch().count()} : no_time);
  put(out, event.connection_epoch());
  out.append(reinterpret_cast<const char*>(event.content_hash().data()), event.content_hash().size());
  put(out, stored(event.entity_kind()));
  put(out, stored(event.family()));
  put(out, stored(event.payload_kind()));
  put(out,
      static_cast<std::uint8_t>((event.is_removal() ? removal_flag : 0) | (event.is_snapshot() ? snapshot_flag : 0)));
  const std::string_view texts[] = {event.pbx(), event.event_type(), event.tenant(), event.entity(), event.payload()};
  for (const auto text : texts) put(out, static_cast<std::uint32_t>(text.size()));
  for (const auto text : texts) out.append(text);
}

NewEventPtr decode_body(std::string_view body, SpoolId spool_id) {
  Cutter cutter(body);
  const Sequence sequence{cutter.number<std::uint64_t>()};
  EventAttributes attributes;
  attributes.received_at = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  const auto event_time = cutter.number<std::int64_t>();
  if (event_time != no_time) attributes.event_time = std::chrono::sys_seconds(std::chrono::seconds(event_time));
  attributes.connection_epoch = cutter.number<std::uint32_t>();
  const auto hash = cutter.text(attributes.content_hash.size());
  if (cutter.ok()) std::memcpy(attributes.content_hash.data(), hash.data(), hash.size());
  const auto entity_kind = from_stored<EntityKind>(cutter.number<std::uint8_t>());
  const auto family = from_stored<Family>(cutter.number<std::uint8_t>());
  const auto payload_kind = from_stored<PayloadKind>(cutter.number<std::uint8_t>());
  const auto flags = cutter.number<std::uint8_t>();
  attributes.is_removal = (flags & removal_flag) != 0;
  attributes.is_snapshot = (flags & snapshot_flag) != 0;
  std::uint32_t sizes[record_texts];
  for (auto& size : sizes) size = cutter.number<std::uint32_t>();
  attributes.pbx = cutter.text(sizes[0]);
  attributes.event_type = cutter.text(sizes[1]);
  attributes.tenant = cutter.text(sizes[2]);
  attributes.entity = cutter.text(sizes[3]);
  const std::string_view payload = cutter.text(sizes[4]);
  if (!cutter.ok() || !cutter.at_end() || !entity_kind || !family || !payload_kind) return nullptr;
  attributes.entity_kind = *entity_kind;
  attributes.family = *family;
  attributes.payload_kind = *payload_kind;
  auto event = Event::make(payload, attributes);
  event->accept(sequence, spool_id);
  return event;
}

}  // namespace

std::string encode_key(Sequence first) {
  std::string key(sizeof first.value, '\0');
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(first.value >> (8 * (key.size() - 1 - i)));
  return key;
}

std::optional<Sequence> decode_key(std::string_view key) {
  Sequence first;
  if (key.size() != sizeof first.value) return std::nullopt;
  for (const unsigned char byte : key) first.value = (first.value << 8) | byte;
  return first;
}

std::string encode_batch(std::span<const EventPtr> events) {
  std::string value;
  std::size_t size = 5;
  for (const auto& event : events) size += event->size_bytes() + 128;
  value.reserve(size);
  put(value, record_format);
  put(value, static_cast<std::uint32_t>(events.size()));
  for (const auto& event : events) {
    const std::size_t start = value.size();
    put(value, std::uint64_t{0});
    encode_body(value, *event);
    const std::string_view body = std::string_view(value).substr(start + 8);
    const auto body_size = static_cast<std::uint32_t>(body.size());
    const std::uint32_t checksum = crc32c(body);
    std::memcpy(value.data() + start, &body_size, sizeof body_size);
    std::memcpy(value.data() + start + 4, &checksum, sizeof checksum);
  }
  return value;
}

Sequence sequence_of_record(std::string_view record) {
  Sequence sequence;
  std::memcpy(&sequence.value, record.data() + record_header_size, sizeof sequence.value);
  return sequence;
}

std::string batch_of_records(std::span<const std::string> records) {
  std::string value;
  put(value, record_format);
  put(value, static_cast<std::uint32_t>(records.size()));
  for (const std::string& record : records) value += record;
  return value;
}

DecodedBatch decode_batch(std::string_view value, SpoolId spool_id) {
  DecodedBatch batch;
  Cutter cutter(value);
  if (cutter.number<std::uint8_t>() != record_format) {
    batch.truncated = true;
    return batch;
  }
  batch.announced = cutter.number<std::uint32_t>();
  while (cutter.ok() && !cutter.at_end()) {
    const auto size = cutter.number<std::uint32_t>();
    const auto checksum = cutter.number<std::uint32_t>();
    const std::string_view body = cutter.text(size);
    if (!cutter.ok()) break;
    auto event = crc32c(body) == checksum ? decode_body(body, spool_id) : nullptr;
    if (event)
      batch.events.push_back(std::move(event));
    else
      ++batch.damaged;
  }
  batch.truncated = !cutter.ok() || batch.events.size() + batch.damaged != batch.announced;
  return batch;
}

}  // namespace pbxbridge::spool
