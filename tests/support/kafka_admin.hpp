#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <map>
#include <string>

namespace pbxbridge::test {

/// Topics of a cluster, for tests. What fails throws.
class KafkaAdmin {
 public:
  explicit KafkaAdmin(const std::string& brokers);
  ~KafkaAdmin();
  KafkaAdmin(const KafkaAdmin&) = delete;
  KafkaAdmin& operator=(const KafkaAdmin&) = delete;

  [[nodiscard]] bool answers(std::chrono::milliseconds deadline);
  void create_topic(const std::string& name, int partitions = 1,
                    const std::map<std::string, std::string>& options = {});
  void delete_topic(const std::string& name);
  /// 0 where it does not exist.
  int partitions(const std::string& topic);

 private:
  rd_kafka_t* client_;
};

/// A name that no other test uses.
std::string fresh_topic_name();

}  // namespace pbxbridge::test
