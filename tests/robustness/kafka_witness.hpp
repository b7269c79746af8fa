#pragma once

#include "support/kafka_consumer.hpp"
#include "witness.hpp"

#include <map>
#include <string>

namespace pbxbridge::test {

/// Kafka's part: the sink `lake`, four partitions, the entity as the key.
class KafkaWitness final : public Witness {
 public:
  /// Makes the topic of the marks, unless `make_mark_topic` will, and that of the events, unless `make_topic` will;
  /// none where the cluster makes them by itself. `options` are further settings of the sink, such as `, compression:
  /// zstd`.
  enum class Topic { now, later, marks_later, by_itself };
  explicit KafkaWitness(std::string brokers, Topic when = Topic::now, std::string options = "");

  void make_topic(const std::map<std::string, std::string>& options = {});
  void make_mark_topic();
  const std::string& topic() const { return topic_; }

  std::string sink() const override { return "lake"; }
  std::string sink_entry() const override;
  std::string destination() const override;
  std::string mark_destination() const override;
  Arrivals arrivals() override;
  bool wait_for_mark(const std::string& text, std::chrono::milliseconds deadline) override;

 private:
  std::string brokers_;
  std::string options_;
  std::string topic_;
  std::string mark_topic_;
};

}  // namespace pbxbridge::test
