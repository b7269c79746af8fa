#pragma once

#include "pbxbridge/examination.hpp"
#include "sink/amqp/amqp_settings.hpp"

namespace pbxbridge::sink {

/// Examines reach, TLS, account, virtual host, exchange; `SinkType::examine`. AMQP has no question for the right to
/// write, nor for the queues that a routing key leads to.
void examine_amqp(const AmqpSettings& settings, const SinkExamination& asked, Findings& findings);

}  // namespace pbxbridge::sink
