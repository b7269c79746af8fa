#include "spool/log/packed_batch.hpp"

#include "spool/log/byte_codec.hpp"

#include <cstdint>
#include <lz4.h>
#include <utility>

namespace pbxbridge::spool {

namespace {

constexpr std::uint8_t packed_format = 2;
constexpr std::size_t header_bytes = 5;
/// A few events alone are not like one another enough, and RocksDB's cost is by key, not by byte, there.
constexpr std::size_t worth_packing = 4096;
/// LZ4's own measure: the speed that it gains by looking for fewer matches, 8 being half as fast again at the same
/// ratio.
constexpr int acceleration = 8;
/// No block unpacks to more (a byte of length stands for 255).
constexpr std::uint64_t largest_ratio = 255;

}  // namespace

std::string pack_batch(std::string batch) {
  if (batch.size() < worth_packing || batch.size() > LZ4_MAX_INPUT_SIZE) return batch;
  std::string packed;
  packed.reserve(batch.size());
  put(packed, packed_format);
  put(packed, static_cast<std::uint32_t>(batch.size()));
  packed.resize(batch.size() - batch.size() / 8);
  const int size = LZ4_compress_fast(batch.data(), packed.data() + header_bytes, static_cast<int>(batch.size()),
                                     static_cast<int>(packed.size() - header_bytes), acceleration);
  if (size <= 0) return batch;  // it would not get much smaller
  packed.resize(header_bytes + static_cast<std::size_t>(size));
  return packed;
}

std::string_view unpack_batch(std::string_view value, std::string& buffer) {
  Cutter cutter(value);
  if (cutter.number<std::uint8_t>() != packed_format) return value;
  const auto size = cutter.number<std::uint32_t>();
  if (!cutter.ok() || size > value.size() * largest_ratio || size > LZ4_MAX_INPUT_SIZE) return {};
  const std::string_view block = value.substr(header_bytes);
  // Zeros, so that what a damaged block leaves out is no record.
  buffer.assign(size, '\0');
  static_cast<void>(
      LZ4_decompress_safe(block.data(), buffer.data(), static_cast<int>(block.size()), static_cast<int>(size)));
  return buffer;
}

}  // namespace pbxbridge::spool
