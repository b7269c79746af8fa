#include "damaged_copy.hpp"

#include "spool/log/record.hpp"
#include "spool/salvage/store_files.hpp"
#include "spool/salvage/table_format.hpp"
#include "spool/salvage/write_batch_entries.hpp"
#include "spool/store/rocksdb/log_format.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

/// The spool's own notes have keys of that size, too, and look like sequences of starts that nobody has seen.
std::optional<Sequence> batch_key(std::string_view key) {
  const auto sequence = decode_key(key);
  return sequence && sequence->start_epoch() < 1000 ? sequence : std::nullopt;
}

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(0));
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return number;
  }
}

std::uint32_t number_at(std::string_view bytes, std::size_t position) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.substr(position, sizeof number).data(), sizeof number);
  return number;
}

/// Reads an index block, in which every entry is a restart: varints of a shared (0) and an own part of the key, the
/// key, the handle.
std::vector<salvage::BlockHandle> handles_in(std::string_view index) {
  std::vector<salvage::BlockHandle> handles;
  const std::size_t count = number_at(index, index.size() - 4);
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view entry = index.substr(number_at(index, index.size() - 4 * (count + 1 - i)));
    take_varint(entry);
    entry.remove_prefix(take_varint(entry));
    const auto offset = take_varint(entry);
    handles.push_back({offset, take_varint(entry)});
  }
  return handles;
}

std::vector<StoredBlock> blocks_of_table(std::string_view table) {
  constexpr std::size_t restart_interval = 16;
  constexpr std::size_t trailer = 8;
  const auto footer = salvage::read_footer(table, table.size());
  if (!footer) throw std::runtime_error("a table without a footer");
  std::vector<StoredBlock> blocks;
  for (const auto& handle : handles_in(table.substr(footer->index.offset, footer->index.size))) {
    StoredBlock block{handle.offset, handle.end(), {}};
    salvage::BlockCursor entries(table.substr(handle.offset, handle.size), restart_interval);
    while (entries.next())
      if (const auto key = batch_key(std::string_view(entries.key()).substr(0, entries.key().size() - trailer)))
        block.batches.insert(*key);
    blocks.push_back(std::move(block));
  }
  return blocks;
}

std::vector<StoredBlock> blocks_of_log(std::string_view log) {
  std::vector<StoredBlock> blocks;
  for (std::size_t at = 0; at < log.size(); at += log_block_size)
    blocks.push_back({at, std::min(at + log_block_size, log.size()), {}});
  std::string record;
  std::size_t begin = 0;
  for (const std::size_t at : pieces_of_log(log)) {
    const LogPiece piece = log_piece_at(log, at);
    if (piece.begins()) {
      record.clear();
      begin = at;
    }
    record += piece.data();
    if (piece.goes_on()) continue;
    const std::size_t last = at + piece.bytes.size() - 1;
    salvage::read_write_batch(record, [&](const salvage::StoredEntry& entry) {
      if (const auto key = batch_key(entry.key))
        for (auto block = begin / log_block_size; block <= last / log_block_size; ++block)
          blocks[block].batches.insert(*key);
    });
  }
  return blocks;
}

}  // namespace

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& file, const std::string& bytes) {
  fs::remove(file);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<fs::path> files_of(const fs::path& spool) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(spool)) {
    const auto name = entry.path().filename();
    if (entry.is_regular_file() && name != "LOCK" && name != "lock" && name != "ballast")
      files.push_back(entry.path().lexically_relative(spool));
  }
  std::ranges::sort(files);
  return files;
}

void make_copy(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  for (const auto& file : files_of(from)) {
    fs::create_directories((to / file).parent_path());
    fs::copy_file(from / file, to / file);
  }
}

std::vector<std::size_t> pieces_of_log(std::string_view log) {
  std::vector<std::size_t> pieces;
  for (std::size_t at = 0; at + log_header_size <= log.size();) {
    if (const auto left = log_block_size - at % log_block_size; left < log_header_size) {
      at += left;
      continue;
    }
    const LogPiece piece = log_piece_at(log, at);
    if (!piece.is_known()) break;  // zeros, ahead of what was written
    pieces.push_back(at);
    at += piece.bytes.size();
  }
  return pieces;
}

std::vector<StoredBlock> blocks_of(const fs::path& file) {
  const std::string bytes = read_file(file);
  std::vector<StoredBlock> blocks;
  if (salvage::is_table(file)) blocks = blocks_of_table(bytes);
  if (salvage::is_log(file)) blocks = blocks_of_log(bytes);
  std::erase_if(blocks, [](const StoredBlock& block) { return block.batches.empty(); });
  return blocks;
}

}  // namespace pbxbridge::spool
