#pragma once

#include "sink/kafka/record_times.hpp"

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstddef>
#include <memory>

namespace pbxbridge::sink {

/// State of one topic, and its records in flight. A batch is of one partition, so of one topic. Written by
/// the producer's thread with each report and read by the io thread, except where a comment says otherwise.
class KafkaTopic {
 public:
  /// Records without an outcome. Falls before the listener is told the outcome, and after what follows from it.
  std::size_t in_flight() const { return in_flight_; }

  /// Returns whether a batch was rejected: records are sent in small groups until these are over. The io thread ends
  /// them.
  bool needs_small_groups() const { return needs_small_groups_; }
  void end_small_groups() { needs_small_groups_ = false; }
  /// Records that were rejected with their batch since this was called last.
  std::size_t take_rejected() { return rejected_.exchange(0); }
  /// Records of a partition without a leader may wait forever. No record is alone meanwhile, and what is rejected with
  /// its batch is tried again later. Set by the io thread.
  bool is_stuck() const { return is_stuck_; }
  void set_stuck(bool stuck) {
    is_stuck_ = stuck;
    if (stuck) is_alone_ = false;
  }

 private:
  friend class KafkaProducer;
  struct Destroy {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };

  std::unique_ptr<rd_kafka_topic_t, Destroy> handle_;
  std::atomic<std::size_t> in_flight_ = 0;
  std::atomic<std::size_t> rejected_ = 0;
  std::atomic<bool> needs_small_groups_ = false;
  std::atomic<bool> is_alone_ = false;  // one record is in flight, whose rejection is its own
  std::atomic<bool> is_stuck_ = false;
  RecordTimes times_;
};

}  // namespace pbxbridge::sink
