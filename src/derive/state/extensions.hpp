#pragma once

#include "derive/state/step.hpp"

#include <simdjson.h>

#include <string_view>

namespace pbxbridge::derive::state {

/// Follows what extensions do: registration, presence, calls, and their administration. An extension has a document
/// from the first event on that tells whether it can be reached.
void fold_extension_event(Step& step, std::string_view event_type, simdjson::dom::object event);

/// Removes a row, and its document where it has one.
void remove_extension(Step& step, std::string_view name);

/// Removes its document, and the row unless administration has named it.
void hide_extension(Step& step, std::string_view name);

}  // namespace pbxbridge::derive::state
