#pragma once

#include "explain/explanation.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::explain {

/// Several lines for people, safe for a terminal. `place` says where the event stands, such as `events.ndjson:3`.
std::string to_text(const Explanation& explanation, std::string_view place);

/// `family is "cdr", not "queue"`: why a condition keeps an event out.
std::string to_text(const route::UnmetCondition& unmet);

/// Without quotes: `true`, `15`, the text itself.
std::string text_of(const ComposedMessage::Value& value);

}  // namespace pbxbridge::explain
