#pragma once

#include "truth/cloudevent.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::bench {

/// A topic to be read from its beginning, all partitions. One thread.
class KafkaTopic {
 public:
  struct Record {
    std::string_view payload;
    std::string_view key;
    int partition = 0;
    std::int64_t appended_ms = 0;  ///< by the broker's clock, UNIX time
    const rd_kafka_message_t* message = nullptr;

    /// Unpacks the attributes from the headers, for those who ask only.
    CloudEvent attributes() const;
  };

  /// The topic must be there. Throws std::runtime_error where it cannot be read.
  KafkaTopic(const std::string& brokers, const std::string& topic, int partitions);
  ~KafkaTopic();
  KafkaTopic(const KafkaTopic&) = delete;
  KafkaTopic& operator=(const KafkaTopic&) = delete;

  /// Returns how many records it holds, as the broker says; unchanged where the broker is not there.
  std::uint64_t record_count();

  /// Called before the first `read`.
  void begin();

  /// Calls `take` for the records that are there or come within `patience`. How many those were.
  std::size_t read(std::chrono::milliseconds patience, const std::function<void(const Record&)>& take);

 private:
  std::string topic_;
  std::vector<std::int64_t> ends_;  ///< by partition
  rd_kafka_t* client_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
};

}  // namespace pbxbridge::bench
