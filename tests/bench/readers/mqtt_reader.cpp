// bench-mqtt-reader: subscribes, and judges what arrives against the events that were pushed.
//
// Without --live it dozes for a few milliseconds after each look, so that it takes many messages at once and little
// from what is measured.
//
// It says `ready`, then `arrived N` while messages come, and on `judge` (or `judge LEDGER`, for latencies) one line of
// JSON. A broker of MQTT keeps no time of arrival, so this one takes its own, as the messages come.

#include "readers/account.hpp"
#include "readers/command_input.hpp"
#include "readers/mqtt_subscription.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <poll.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace pbxbridge::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds doze(3);

struct Options {
  std::uint16_t port = 0;
  std::string filter;
  std::filesystem::path events;
  bool live = false;
};

class Reader {
 public:
  Reader(const Options& options, const EventFile& events)
      : live_(options.live), subscription_(options.port, options.filter), account_(events) {}

  void run() {
    say("ready");
    for (;;) {
      if (message_comes()) read();
      if (!live_) std::this_thread::sleep_for(doze);
      tell();
      const auto command = input_.next(milliseconds(0));
      if (!command) continue;
      if (*command == "quit") return;
      if (command->starts_with("judge")) return say(account_.close(command->size() > 6 ? command->substr(6) : ""));
    }
  }

 private:
  /// Waits a while for a message or a command.
  bool message_comes() const {
    constexpr int patience_ms = 100;
    pollfd inputs[] = {{subscription_.descriptor(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    return ::poll(inputs, 2, patience_ms) > 0 && inputs[0].revents != 0;
  }

  void read() {
    bool stamped = false;
    std::int64_t time_us = 0;
    const bool open = subscription_.read([&](std::string_view topic, std::string_view payload) {
      if (!std::exchange(stamped, true)) time_us = now_us();
      account_.take(payload, topic, time_us);
      ++arrived_;
    });
    if (!open) throw std::runtime_error("the MQTT broker closed the connection");
  }

  void tell() {
    const auto now = std::chrono::steady_clock::now();
    if (arrived_ == told_ || now - told_at_ < milliseconds(100)) return;
    told_at_ = now;
    told_ = arrived_;
    say("arrived " + std::to_string(arrived_));
  }

  const bool live_;
  MqttSubscription subscription_;
  Account account_;
  CommandInput input_;
  std::uint64_t arrived_ = 0;
  std::uint64_t told_ = 0;
  std::chrono::steady_clock::time_point told_at_{};
};

}  // namespace
}  // namespace pbxbridge::bench

int main(int argument_count, char** arguments) {
  pbxbridge::bench::Options options;
  CLI::App app("Judges what arrives at an MQTT broker on 127.0.0.1.", "bench-mqtt-reader");
  app.add_option("--port", options.port)->required();
  app.add_option("--filter", options.filter, "Topics to subscribe to")->required();
  app.add_option("--events", options.events, "Directory that bench-events has made")->required();
  app.add_flag("--live", options.live, "Take the time of each message as it comes");
  CLI11_PARSE(app, argument_count, arguments);
  try {
    const pbxbridge::bench::EventFile events(options.events);
    pbxbridge::bench::Reader(options, events).run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench-mqtt-reader: " << error.what() << '\n';
    return 1;
  }
}
