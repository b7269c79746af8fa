#include "spool/salvage/table_format.hpp"

#include "spool/log/crc32c.hpp"
#include "spool/salvage/stored_numbers.hpp"

#include <xxhash.h>

#include <cstring>

namespace pbxbridge::spool::salvage {

namespace {

constexpr std::uint64_t magic_number = 0x88e241b785f4cff7;
constexpr std::size_t format_at = 41;
constexpr std::size_t magic_at = 45;

std::optional<BlockHandle> take_handle(std::string_view bytes, std::size_t& position) {
  const auto offset = take_varint(bytes, position);
  const auto size = take_varint(bytes, position);
  if (!offset || !size) return std::nullopt;
  return BlockHandle{*offset, *size};
}

bool is_within(const BlockHandle& handle, std::uint64_t size) {
  return handle.offset <= size && handle.size <= size && handle.end() <= size;
}

}  // namespace

std::optional<TableFooter> read_footer(std::string_view end_of_table, std::uint64_t table_size) {
  if (end_of_table.size() < footer_size || table_size < footer_size) return std::nullopt;
  const std::string_view footer = end_of_table.substr(end_of_table.size() - footer_size);
  std::uint64_t magic = 0;
  std::memcpy(&magic, footer.data() + magic_at, sizeof magic);
  const std::uint32_t format = u32_at(footer, format_at);
  const auto kind = static_cast<BlockChecksum>(footer[0]);
  if (magic != magic_number || format < 2 || format > 5) return std::nullopt;
  if (kind != BlockChecksum::crc32c && kind != BlockChecksum::xxh3) return std::nullopt;
  std::size_t position = 1;
  const auto metaindex = take_handle(footer, position);
  const auto index = take_handle(footer, position);
  if (!metaindex || !index || position > format_at) return std::nullopt;
  if (!is_within(*metaindex, table_size - footer_size) || !is_within(*index, table_size - footer_size))
    return std::nullopt;
  return TableFooter{kind, *metaindex, *index};
}

bool block_holds(std::string_view block, BlockChecksum kind) {
  constexpr std::uint32_t weight_of_last_byte = 0x6b9083d9;  // RocksDB's own, in util/xxhash's stead
  if (block.size() < block_trailer_size) return false;
  const std::string_view covered = block.substr(0, block.size() - sizeof(std::uint32_t));
  const std::uint32_t stored = u32_at(block, covered.size());
  if (kind == BlockChecksum::crc32c) return masked_crc(crc32c(covered)) == stored;
  const auto hash = static_cast<std::uint32_t>(XXH3_64bits(covered.data(), covered.size() - 1));
  return (hash ^ (static_cast<unsigned char>(covered.back()) * weight_of_last_byte)) == stored;
}

bool BlockCursor::next() {
  std::size_t position = position_;
  const auto shared = take_varint(bytes_, position);
  const auto further = take_varint(bytes_, position);
  const auto value_size = take_varint(bytes_, position);
  if (!shared || !further || !value_size) return false;
  const bool is_restart = entries_ % restart_interval_ == 0;
  if (is_restart ? *shared != 0 : *shared > key_.size()) return false;
  if (*shared + *further == 0) return false;
  const std::size_t left = bytes_.size() - position;
  if (*further > left || *value_size > left - *further) return false;
  key_.resize(static_cast<std::size_t>(*shared));
  key_.append(bytes_.substr(position, static_cast<std::size_t>(*further)));
  position += static_cast<std::size_t>(*further);
  value_ = bytes_.substr(position, static_cast<std::size_t>(*value_size));
  position_ = position + value_.size();
  ++entries_;
  return true;
}

std::optional<std::size_t> BlockCursor::end_of_restarts() const {
  const std::size_t restarts = (entries_ + restart_interval_ - 1) / restart_interval_;
  const std::size_t size = (restarts + 1) * sizeof(std::uint32_t);
  if (entries_ == 0 || bytes_.size() - position_ < size) return std::nullopt;
  const std::size_t end = position_ + size;
  if (u32_at(bytes_, position_) != 0 || u32_at(bytes_, end - sizeof(std::uint32_t)) != restarts) return std::nullopt;
  return end;
}

bool frame_holds(std::string_view tail, std::uint64_t table_size) {
  const auto footer = read_footer(tail, table_size);
  if (!footer || tail.size() > table_size) return false;
  const std::uint64_t start = table_size - tail.size();
  const auto holds = [&](const BlockHandle& handle) {
    if (handle.offset < start || !is_within(handle, table_size - footer_size)) return false;
    return block_holds(tail.substr(static_cast<std::size_t>(handle.offset - start),
                                   static_cast<std::size_t>(handle.size + block_trailer_size)),
                       footer->checksum);
  };
  if (!holds(footer->index) || !holds(footer->metaindex)) return false;
  BlockCursor names(tail.substr(static_cast<std::size_t>(footer->metaindex.offset - start),
                                static_cast<std::size_t>(footer->metaindex.size)),
                    1);
  while (names.next()) {
    std::size_t position = 0;
    const auto handle = take_handle(names.value(), position);
    if (!handle || !holds(*handle)) return false;
  }
  return names.end_of_restarts().has_value();
}

}  // namespace pbxbridge::spool::salvage
