#pragma once

// A batch as it stands on disk: as record.hpp writes it, or, where that is worth it, packed with LZ4. The events of a
// PBX are like one another, so a full batch takes a fifth of the space, and everything that handles its bytes
// afterwards (two copies, RocksDB's checksum in software, the log, the table) costs a fifth as well: more than packing
// does.
//
//   packed   u8 format (2), u32 bytes of the batch, then one block of LZ4
//   https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// Packs the result of encode_batch.
std::string pack_batch(std::string batch);

/// The batch, in `value` itself or in `buffer`. Never throws and never reads beyond `value`: what is damaged comes out
/// as a batch whose records do not hold, or as nothing.
std::string_view unpack_batch(std::string_view value, std::string& buffer);

}  // namespace pbxbridge::spool
