// bench-mqtt-reader: subscribes, and judges what arrives against the events that were pushed.
//
// Without --live it dozes for a few milliseconds after each look, so that it takes many messages at once and little
// from what is measured. A broker of MQTT keeps no time of arrival, so this one takes its own, as the messages come.

#include "readers/mqtt_subscription.hpp"
#include "readers/reader.hpp"

#include <chrono>
#include <poll.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

namespace pbxbridge::bench {
namespace {

constexpr std::chrono::milliseconds doze(3);

struct MqttOptions : ReaderOptions {
  MqttSubscription::Options subscription;
};

class MqttSource final : public Source {
 public:
  explicit MqttSource(const MqttOptions& options) : live_(options.live), subscription_(options.subscription) {}

  std::uint64_t look(Account& account) override {
    if (message_comes()) read(account);
    if (!live_) std::this_thread::sleep_for(doze);
    return arrived_;
  }

  /// Each is read as it comes, up to a moment in which none does.
  void read_rest(Account& account) override {
    while (message_comes()) read(account);
  }

 private:
  /// Waits a while for a message or a command.
  bool message_comes() const {
    constexpr int patience_ms = 100;
    pollfd inputs[] = {{subscription_.descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    return ::poll(inputs, 2, patience_ms) > 0 && inputs[0].revents != 0;
  }

  void read(Account& account) {
    bool stamped = false;
    std::int64_t time_us = 0;
    const bool open = subscription_.read([&](const MqttSubscription::Message& message) {
      if (!std::exchange(stamped, true)) time_us = now_us();
      account.take(message.payload, message.topic, time_us, message.attributes);
      ++arrived_;
    });
    if (!open) throw std::runtime_error("the MQTT broker closed the connection");
  }

  const bool live_;
  MqttSubscription subscription_;
  std::uint64_t arrived_ = 0;
};

}  // namespace
}  // namespace pbxbridge::bench

int main(int argument_count, char** arguments) {
  pbxbridge::bench::MqttOptions options;
  CLI::App app("Judges what arrives at an MQTT broker on 127.0.0.1.", "bench-mqtt-reader");
  app.add_option("--port", options.subscription.port)->required();
  app.add_option("--filter", options.subscription.filter, "Topics to subscribe to")->required();
  app.add_option("--qos", options.subscription.qos, "1: and no message may come with another")->check(CLI::Range(0, 1));
  return pbxbridge::bench::reader_main(app, options, argument_count, arguments, [&] {
    options.subscription.with_attributes = options.cloudevents;
    pbxbridge::bench::MqttSource source(options);
    pbxbridge::bench::serve(source, options);
  });
}
