#include "spool/dead_letters/dead_letter.hpp"

#include "pbxbridge/event.hpp"
#include "spool/log/byte_codec.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/record.hpp"

#include <array>

namespace pbxbridge::spool {

// u8 format (1), u32 CRC-32C of the rest, i64 rejected (ns since 1970), u32 attempts, u32 sizes of topic, key, reason
// and the event as a batch of one (record.hpp), then these. Little-endian.

namespace {

constexpr std::uint8_t letter_format = 1;
constexpr std::size_t header_size = 5;

}  // namespace

std::string dead_letter_key(const DeadLetter& letter) {
  if (!letter.stored_as.empty()) return letter.stored_as;
  std::string key = encode_key(letter.event->sequence());
  // No topic has a NUL, so that it parts the two. A letter without a key has the name that it always had.
  put(key, crc32c(letter.key.empty() ? letter.topic : letter.topic + '\0' + letter.key));
  return key;
}

std::string encode_dead_letter(const DeadLetter& letter) {
  const std::string event = encode_batch(std::span(&letter.event, 1));
  std::string bytes;
  put(bytes, letter_format);
  put(bytes, std::uint32_t{0});
  put(bytes, std::int64_t{letter.rejected_at.time_since_epoch().count()});
  put(bytes, letter.attempts);
  const std::array<std::string_view, 4> texts = {letter.topic, letter.key, letter.reason, event};
  for (const auto text : texts) put(bytes, static_cast<std::uint32_t>(text.size()));
  for (const auto text : texts) bytes.append(text);
  const std::uint32_t checksum = crc32c(std::string_view(bytes).substr(header_size));
  std::memcpy(bytes.data() + 1, &checksum, sizeof checksum);
  return bytes;
}

std::optional<DeadLetter> decode_dead_letter(std::string_view bytes, SpoolId spool_id) {
  Cutter cutter(bytes);
  const auto found_format = cutter.number<std::uint8_t>();
  const auto checksum = cutter.number<std::uint32_t>();
  if (!cutter.ok() || found_format != letter_format || crc32c(bytes.substr(header_size)) != checksum)
    return std::nullopt;
  DeadLetter letter;
  letter.rejected_at = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  letter.attempts = cutter.number<std::uint32_t>();
  std::array<std::uint32_t, 4> sizes{};
  for (auto& size : sizes) size = cutter.number<std::uint32_t>();
  letter.topic = cutter.text(sizes[0]);
  letter.key = cutter.text(sizes[1]);
  letter.reason = cutter.text(sizes[2]);
  auto batch = decode_batch(cutter.text(sizes[3]), spool_id);
  if (!cutter.ok() || !cutter.at_end() || batch.events.size() != 1) return std::nullopt;
  letter.event = std::move(batch.events.front());
  return letter;
}

}  // namespace pbxbridge::spool
