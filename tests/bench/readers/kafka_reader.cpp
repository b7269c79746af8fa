// bench-kafka-reader: makes a topic, sees what arrives there, and judges it against the events that were pushed.
//
// With --live it consumes as the messages come and takes its own clock's time of each. Without, it asks the broker now
// and then how many there are, and reads them only when it is to judge, with the time at which the broker appended
// each: so it takes nothing from what is measured.

#include "readers/kafka_topic.hpp"
#include "readers/reader.hpp"
#include "support/kafka_admin.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

namespace pbxbridge::bench {
namespace {

using std::chrono::milliseconds;

struct KafkaOptions : ReaderOptions {
  std::string brokers;
  std::string topic;
  int partitions = 4;
};

class KafkaSource final : public Source {
 public:
  explicit KafkaSource(const KafkaOptions& options)
      : options_(options), topic_(options.brokers, options.topic, options.partitions) {
    if (options_.live) topic_.begin();
  }

  std::uint64_t look(Account& account) override {
    if (options_.live) {
      constexpr milliseconds patience(20);
      read(account, patience);
      return read_;
    }
    constexpr milliseconds pause(50);
    std::this_thread::sleep_for(pause);
    return topic_.record_count();
  }

  void read_rest(Account& account) override {
    constexpr int empty_reads = 10;
    constexpr milliseconds patience(200);
    const auto count = topic_.record_count();
    if (!options_.live) topic_.begin();
    for (int empty = 0; read_ < count && empty < empty_reads;) empty = read(account, patience) > 0 ? 0 : empty + 1;
    if (read_ < count) throw std::runtime_error("the topic " + options_.topic + " cannot be read to its end");
  }

 private:
  std::size_t read(Account& account, milliseconds patience) {
    const auto count = topic_.read(patience, [&](const KafkaTopic::Record& record) {
      // A key in two partitions is as good as two keys: between partitions there is no order.
      key_.assign(record.key).append(1, '@').append(std::to_string(record.partition));
      const auto time_us = options_.live ? now_us() : record.appended_ms * 1000;
      account.take(record.payload, key_, time_us,
                   options_.cloudevents ? std::optional(record.attributes()) : std::nullopt);
    });
    read_ += count;
    return count;
  }

  const KafkaOptions& options_;
  KafkaTopic topic_;
  std::string key_;  // kept for its capacity
  std::uint64_t read_ = 0;
};

void run(const KafkaOptions& options) {
  test::KafkaAdmin admin(options.brokers);
  admin.create_topic(options.topic, options.partitions,
                     {{"message.timestamp.type", "LogAppendTime"}, {"file.delete.delay.ms", "1000"}});
  {
    KafkaSource source(options);
    serve(source, options);
  }
  admin.delete_topic(options.topic);
}

}  // namespace
}  // namespace pbxbridge::bench

int main(int argument_count, char** arguments) {
  pbxbridge::bench::KafkaOptions options;
  CLI::App app("Judges what arrives in a Kafka topic.", "bench-kafka-reader");
  app.add_option("--brokers", options.brokers)->required();
  app.add_option("--topic", options.topic)->required();
  app.add_option("--partitions", options.partitions)->capture_default_str();
  return pbxbridge::bench::reader_main(app, options, argument_count, arguments,
                                       [&] { pbxbridge::bench::run(options); });
}
