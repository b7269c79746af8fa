#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::test {

struct KafkaRecord {
  std::string topic;
  int partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::optional<std::string> key;    ///< nothing: null
  std::optional<std::string> value;  ///< nothing: null
  std::vector<std::pair<std::string, std::string>> headers;

  /// Empty where there is none.
  std::string header(const std::string& name) const;
};

/// librdkafka's consumer.
class KafkaConsumer {
 public:
  explicit KafkaConsumer(const std::string& brokers);
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  /// The whole topic as it is now, ordered by partition and offset. Throws where it cannot be read within `deadline`.
  std::vector<KafkaRecord> read(const std::string& topic,
                                std::chrono::milliseconds deadline = std::chrono::seconds(30));
  /// The same, read again until it holds at least so many records; what there is at the deadline.
  std::vector<KafkaRecord> read_at_least(const std::string& topic, std::size_t count,
                                         std::chrono::milliseconds deadline = std::chrono::seconds(30));

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  std::map<int, std::int64_t> ends(const std::string& topic, Deadline deadline);

  rd_kafka_t* client_;
};

}  // namespace pbxbridge::test
