#include "spool/salvage/write_batch_entries.hpp"

#include "spool/salvage/stored_numbers.hpp"

#include <cstddef>
#include <cstring>
#include <optional>

namespace pbxbridge::spool::salvage {

namespace {

constexpr std::size_t header_size = 12;

/// RocksDB's tags, as far as our batches have them.
enum class Tag : std::uint8_t {
  deletion = 0x0,
  value = 0x1,
  log_data = 0x3,
  family_deletion = 0x4,
  family_value = 0x5,
  single_deletion = 0x7,
  family_single_deletion = 0x8,
  noop = 0xd,
};

bool has_family(Tag tag) {
  return tag == Tag::family_deletion || tag == Tag::family_value || tag == Tag::family_single_deletion;
}

}  // namespace

bool read_write_batch(std::string_view batch, const std::function<void(const StoredEntry&)>& each) {
  if (batch.size() < header_size) return false;
  StoredEntry entry;
  std::memcpy(&entry.number, batch.data(), sizeof entry.number);
  for (std::size_t position = header_size; position < batch.size();) {
    const auto tag = static_cast<Tag>(batch[position++]);
    switch (tag) {
      case Tag::noop:
        continue;
      case Tag::log_data:
        if (!take_sized(batch, position)) return false;
        continue;
      case Tag::deletion:
      case Tag::value:
      case Tag::family_deletion:
      case Tag::family_value:
      case Tag::single_deletion:
      case Tag::family_single_deletion:
        break;
      default:
        return false;
    }
    if (has_family(tag) && !take_varint(batch, position)) return false;
    entry.deletion = tag != Tag::value && tag != Tag::family_value;
    const auto key = take_sized(batch, position);
    const auto value = entry.deletion ? std::string_view() : take_sized(batch, position);
    if (!key || !value) return false;
    entry.key = *key;
    entry.value = *value;
    each(entry);
    ++entry.number;
  }
  return true;
}

}  // namespace pbxbridge::spool::salvage
