#include "spool/salvage/event_records.hpp"

#include "spool/log/crc32c.hpp"
#include "spool/log/record.hpp"
#include "spool/salvage/flipped_bit.hpp"
#include "spool/salvage/stored_numbers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <lz4.h>
#include <numeric>
#include <optional>
#include <string>

namespace pbxbridge::spool::salvage {

namespace {

using EachRecord = std::function<void(std::string_view record)>;

/// The size of the record at the front of `bytes`, if the sizes within it agree. Rarely so for anything else.
std::optional<std::size_t> record_size(std::string_view bytes) {
  if (bytes.size() < record_header_size + record_fixed_size) return std::nullopt;
  const std::uint64_t body = u32_at(bytes, 0);
  if (body < record_fixed_size || body > bytes.size() - record_header_size) return std::nullopt;
  std::uint64_t texts = 0;
  for (std::size_t text = 0; text < record_texts; ++text)
    texts += u32_at(bytes, record_header_size + record_sizes_at + text * sizeof(std::uint32_t));
  if (texts != body - record_fixed_size) return std::nullopt;
  return record_header_size + static_cast<std::size_t>(body);
}

/// The record as it was written; nothing where more of it is damaged than a bit.
std::optional<std::string> corrected_record(std::string_view record) {
  // A larger one might be corrected to something else.
  constexpr std::size_t largest = std::size_t{16} * 1024;
  const std::string_view body = record.substr(record_header_size);
  if (body.size() > largest) return std::nullopt;
  auto corrected = with_bit_flipped_back(body, u32_at(record, sizeof(std::uint32_t)));
  if (!corrected) return std::nullopt;
  const std::uint32_t crc = crc32c(*corrected);
  std::string whole(record.substr(0, record_header_size));
  std::memcpy(whole.data() + sizeof(std::uint32_t), &crc, sizeof crc);
  return whole += *corrected;
}

/// Returns whether a packed batch may begin here: its head, then an LZ4 block whose first literals are the head of a
/// batch.
bool may_be_packed(std::string_view bytes) {
  constexpr std::size_t token_at = 5;
  constexpr unsigned char extended = 15;
  if (bytes.size() < token_at + 16 || bytes[0] != 2) return false;
  const unsigned literals = static_cast<unsigned char>(bytes[token_at]) >> 4U;
  std::size_t position = token_at + 1;
  if (literals < 5) return false;
  if (literals == extended)
    while (position + 5 < bytes.size() && bytes[position++] == '\xff') {
    }
  return position + 5 <= bytes.size() && bytes[position] == 1 && bytes[position + 3] == 0 && bytes[position + 4] == 0;
}

class RecordSearch {
 public:
  explicit RecordSearch(const EachRecord& each) : each_(each) {}

  void search(std::string_view bytes, bool packed_ones_too) {
    for (std::size_t position = 0; position < bytes.size();) {
      const std::string_view rest = bytes.substr(position);
      if (const std::size_t size = take_record(rest); size > 0) {
        position += size;
        continue;
      }
      if (packed_ones_too && may_be_packed(rest)) search_packed(rest);
      ++position;
    }
  }

 private:
  /// Its size, if there is one.
  std::size_t take_record(std::string_view bytes) {
    const auto size = record_size(bytes);
    if (!size) return 0;
    const std::string_view record = bytes.substr(0, *size);
    if (crc32c(record.substr(record_header_size)) == u32_at(record, sizeof(std::uint32_t))) {
      each_(record);
    } else {
      const auto corrected = corrected_record(record);
      if (!corrected) return 0;
      each_(*corrected);
    }
    return *size;
  }

  /// The end of the block is not known. A damaged part of it unpacks to something whose checksum does not hold.
  void search_packed(std::string_view bytes) {
    constexpr std::uint64_t largest_ratio = 255;
    constexpr std::size_t header_size = 5;
    const std::uint64_t size = u32_at(bytes, 1);
    if (size > bytes.size() * largest_ratio || size > budget_ || bytes.size() > LZ4_MAX_INPUT_SIZE) return;
    budget_ -= size;
    std::string unpacked(static_cast<std::size_t>(size), '\0');
    static_cast<void>(LZ4_decompress_safe_partial(bytes.data() + header_size, unpacked.data(),
                                                  static_cast<int>(bytes.size() - header_size), static_cast<int>(size),
                                                  static_cast<int>(size)));
    search(unpacked, false);
  }

  const EachRecord& each_;
  std::uint64_t budget_ = std::uint64_t{1} << 30;  // bytes that may be unpacked, whatever the bytes look like
};

}  // namespace

void find_event_records(std::string_view bytes, const EachRecord& each) { RecordSearch(each).search(bytes, true); }

}  // namespace pbxbridge::spool::salvage
