#pragma once

#include "derive/state/step.hpp"

#include <simdjson.h>

#include <string_view>

namespace pbxbridge::derive::state {

/// Follows calls from their start, or from the first event that names one which is not known, to their end.
void fold_call_event(Step& step, std::string_view event_type, simdjson::dom::object event);

/// Closes a call of whose end nothing was heard: its document is sent once more, then removed.
void close_orphan(Step& step, std::string_view name);

/// Removes a row and its document.
void remove_call(Step& step, std::string_view name);

}  // namespace pbxbridge::derive::state
