#pragma once

#include "sent_ledger.hpp"

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// One message that a consumer got from a broker, in the order in which it came.
struct Delivery {
  std::string key;           ///< within which order is promised: the Kafka key, the MQTT topic
  std::string id;            ///< `ce_id`
  std::string sequence;      ///< `ce_sequence`
  std::string hash;          ///< of the payload
  bool redelivered = false;  ///< the mark of a delivery that may not be the first
};

/// All that one sink delivered.
struct Arrivals {
  std::string sink;
  std::vector<Delivery> deliveries;
  /// The broker repeats by itself what its consumer has not acknowledged, and marks nothing.
  bool consumer_at_least_once = false;
};

/// Allowances for what may be amiss without a finding.
struct Allowance {
  std::size_t duplicates = 0;  ///< in each sink
  /// Events that the sinks could not take: dead letters. Null: none.
  std::function<bool(const Push&)> rejected;
  /// First deliveries of a key may come out of order: told, and no finding.
  bool reordered = false;
  /// Events that a killed pbxbridge had sent and that come after their redelivery, in each sink: no finding.
  std::size_t late_requests = 0;
};

/// Findings of the judge in one sink. Each finding is a line for people.
struct Verdict {
  std::string sink;
  std::size_t pushed = 0;          ///< by the PBX, to all connections
  std::size_t delivered = 0;       ///< different events
  std::size_t rejected = 0;        ///< by the sink, as allowed
  std::size_t never_accepted = 0;  ///< at the end of a connection that ended: on its way when it did
  std::size_t duplicates = 0;      ///< deliveries of an id that had been delivered before
  std::size_t reordered = 0;       ///< first deliveries out of order, as allowed
  std::size_t late = 0;            ///< unmarked deliveries after a marked one of their id, as allowed
  std::vector<std::string> lost;
  std::vector<std::string> unknown;  ///< bytes that the PBX did not push, or an id that stands for two payloads
  std::vector<std::string> out_of_order;
  std::vector<std::string> unmarked;  ///< repetitions without the mark of a redelivery
  std::vector<std::string> too_many_duplicates;

  bool clean() const;
};

std::ostream& operator<<(std::ostream& out, const Verdict& verdict);

/// Checks that each sink has delivered every accepted event, at least once, the same bytes, in order per key.
///
/// The pbxbridge accepts the events of a connection in the order in which they were pushed. So of a connection that has
/// ended, what any sink delivered must be a beginning of what was pushed: what comes after it was in a socket or not
/// committed when pbxbridge or the connection died; a hole before it is a loss. Of a connection that still stands,
/// everything must have been delivered. Order is judged on the first delivery of each id, and a key's last delivery
/// must be its newest event. A delivery of an id that came before must carry the mark of a redelivery, unless the
/// broker itself may repeat it. Where the PBX pushed the same bytes several times, the first acceptance stands for the
/// first push.
std::vector<Verdict> judge(const SentLedger& ledger, const std::vector<Arrivals>& sinks,
                           const Allowance& allowance = {});

}  // namespace pbxbridge::test
