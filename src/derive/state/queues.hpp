#pragma once

#include "derive/state/step.hpp"

#include <simdjson.h>

#include <cstddef>
#include <limits>
#include <string_view>

namespace pbxbridge::derive::state {

/// Follows the callers and agents of queues. `queue_status` is complete for the queue that it names: who is in the
/// tables and not in its lists is gone.
void fold_queue_event(Step& step, std::string_view event_type, simdjson::dom::object event);

/// Notes queues that administration names as created or changed, and those of which `queue_status` tells.
void note_named_queue(PbxWatch& watch, const Tables& tables, const Event& event, simdjson::dom::object payload);

/// Removes the documents of a queue and its agents, and leaves their rows.
void hide_queue(Step& step, std::string_view name);

/// Removes a queue with its agents and callers, and their documents; no more than so many rows. Returns how many: where
/// that is `rows_max`, the rest may stay, and is still that of a queue.
std::size_t remove_queue(Step& step, std::string_view name,
                         std::size_t rows_max = std::numeric_limits<std::size_t>::max());

/// The name of that extension of the step's tenant has changed, which is in the documents of an agent, too.
void publish_agents_of(Step& step, std::string_view extension);

}  // namespace pbxbridge::derive::state
