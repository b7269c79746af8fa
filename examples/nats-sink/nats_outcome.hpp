#pragma once

#include <pbxbridge/delivery.hpp>
#include <string_view>

namespace nats_sink {

/// The outcome that a stream's answer to a publish stands for (`PubAck`, nats-server 2.9: server/stream.go): JSON with
/// `stream` and `seq`, or with `error` and its `err_code` (server/errors.json).
pbxbridge::Outcome outcome_of(std::string_view answer);

/// No stream listens on the subject, or none has a leader now.
pbxbridge::Outcome no_responders();

}  // namespace nats_sink
