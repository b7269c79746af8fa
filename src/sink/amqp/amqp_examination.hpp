#pragma once

#include "pbxbridge/examination.hpp"
#include "sink/amqp/amqp_settings.hpp"

namespace pbxbridge::sink {

/// For `SinkType::examine`: reach, TLS, account, virtual host, exchange. AMQP has no question for the right to write,
/// nor for the queues that a routing key leads to.
void examine_amqp(const AmqpSettings& settings, const SinkExamination& asked, Findings& findings);

}  // namespace pbxbridge::sink
