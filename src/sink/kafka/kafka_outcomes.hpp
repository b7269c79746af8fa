#pragma once

#include "pbxbridge/delivery.hpp"

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace pbxbridge::sink {

/// Meaning of one error code of librdkafka for an event.
struct KafkaOutcome {
  rd_kafka_resp_err_t error;
  Outcome::Kind kind;
  /// A broker rejects whole batches of records, and librdkafka reports the error for each event of the batch: of the
  /// others it says nothing. Only where the event was alone in its batch is the rejection its own; else it is sent
  /// again.
  bool of_batch;
  std::string_view reason;
};

/// The one table. A code that is not in it is tried again: an event is given up only for a reason that is known.
std::span<const KafkaOutcome> kafka_outcomes();

/// Null where the code is not in the table.
const KafkaOutcome* find_kafka_outcome(rd_kafka_resp_err_t error);

/// Outcome of a delivery report. Delivered is only what the broker has acknowledged as persisted. `alone`: no other
/// event can have been in its batch.
Outcome kafka_outcome(rd_kafka_resp_err_t error, rd_kafka_msg_status_t status, bool alone);

}  // namespace pbxbridge::sink
