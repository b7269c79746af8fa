#pragma once

#include "derive/state/rows.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::derive::state {

/// Bytes of a row in the spool: u8 version, then its fields in the order of the struct. Numbers are little-endian,
/// texts have their size before them (u16). `row` is not none.
std::string encode_row(const Row& row);
/// Size of what `encode_row` makes, in bytes.
std::size_t encoded_size(const Row& row);

/// Returns nothing for bytes that this version has not written: a row of a version to come, or a damaged one. The row
/// is then left out, and made again by what the PBX says next.
std::optional<Row> decode_row(TableKind kind, std::string_view bytes);

}  // namespace pbxbridge::derive::state
