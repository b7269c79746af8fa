// bench-kafka-reader: makes a topic, sees what arrives there, and judges it against the events that were pushed.
//
// It says `ready`, then `arrived N` while messages come, and on `judge` (or `judge LEDGER`, for latencies) one line of
// JSON. With --live it consumes as the messages come and takes its own clock's time of each. Without, it asks the
// broker now and then how many there are, and reads them only when it is to judge, with the time at which the broker
// appended each: so it takes nothing from what is measured.

#include "readers/account.hpp"
#include "readers/command_input.hpp"
#include "readers/kafka_topic.hpp"
#include "support/kafka_admin.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <exception>
#include <iostream>

namespace pbxbridge::bench {
namespace {

using std::chrono::milliseconds;

constexpr int look_every_ms = 50;

struct Options {
  std::string brokers;
  std::string topic;
  int partitions = 4;
  std::filesystem::path events;
  bool live = false;
};

class Reader {
 public:
  Reader(const Options& options, const EventFile& events)
      : options_(options), topic_(options.brokers, options.topic, options.partitions), account_(events) {}

  void run() {
    if (options_.live) read(milliseconds(0));
    say("ready");
    for (;;) {
      const auto command = options_.live ? consume() : watch();
      if (!command) continue;
      if (*command == "quit") return;
      if (command->starts_with("judge")) return judge(command->size() > 6 ? command->substr(6) : "");
    }
  }

 private:
  std::optional<std::string> watch() {
    const auto count = topic_.record_count();
    if (count != told_) tell(count);
    return input_.next(milliseconds(look_every_ms));
  }

  std::optional<std::string> consume() {
    constexpr milliseconds patience(20);
    read(patience);
    if (arrived_ != told_) tell(arrived_);
    return input_.next(milliseconds(0));
  }

  std::size_t read(milliseconds patience) {
    const auto count = topic_.read(patience, [this](const KafkaTopic::Record& record) {
      // A key in two partitions is as good as two keys: between partitions there is no order.
      key_.assign(record.key).append(1, '@').append(std::to_string(record.partition));
      account_.take(record.payload, key_, options_.live ? now_us() : record.appended_ms * 1000);
    });
    arrived_ += count;
    return count;
  }

  void tell(std::uint64_t count) {
    // The runner need not know of each one, and telling it costs time that is measured.
    const auto now = std::chrono::steady_clock::now();
    if (options_.live && now - told_at_ < milliseconds(100)) return;
    told_at_ = now;
    told_ = count;
    say("arrived " + std::to_string(count));
  }

  void judge(const std::string& ledger) {
    constexpr int empty_reads = 10;
    constexpr milliseconds patience(200);
    const auto count = topic_.record_count();
    for (int empty = 0; arrived_ < count && empty < empty_reads;) empty = read(patience) > 0 ? 0 : empty + 1;
    if (arrived_ < count) throw std::runtime_error("the topic " + options_.topic + " cannot be read to its end");
    say(account_.close(ledger));
  }

  const Options& options_;
  KafkaTopic topic_;
  Account account_;
  CommandInput input_;
  std::string key_;  // kept for its capacity
  std::uint64_t arrived_ = 0;
  std::uint64_t told_ = 0;
  std::chrono::steady_clock::time_point told_at_{};
};

void run(const Options& options) {
  test::KafkaAdmin admin(options.brokers);
  admin.create_topic(options.topic, options.partitions,
                     {{"message.timestamp.type", "LogAppendTime"}, {"file.delete.delay.ms", "1000"}});
  const EventFile events(options.events);
  {
    Reader reader(options, events);
    reader.run();
  }
  admin.delete_topic(options.topic);
}

}  // namespace
}  // namespace pbxbridge::bench

int main(int argument_count, char** arguments) {
  pbxbridge::bench::Options options;
  CLI::App app("Judges what arrives in a Kafka topic.", "bench-kafka-reader");
  app.add_option("--brokers", options.brokers)->required();
  app.add_option("--topic", options.topic)->required();
  app.add_option("--partitions", options.partitions)->capture_default_str();
  app.add_option("--events", options.events, "Directory that bench-events has made")->required();
  app.add_flag("--live", options.live, "Consume as it comes, and take the time of receipt");
  CLI11_PARSE(app, argument_count, arguments);
  try {
    pbxbridge::bench::run(options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench-kafka-reader: " << error.what() << '\n';
    return 1;
  }
}
