#pragma once

#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/outcome_queue.hpp"
#include "pbxbridge/sink_type.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace pbxbridge::test {

struct QuietSettings final : SinkSettings {
  int patience = 1;

  static const config::Schema<QuietSettings>& schema() {
    static const auto schema =
        config::Schema<QuietSettings>("Takes all and keeps nothing.")
            .field("patience", &QuietSettings::patience, {.text = "Of no effect.", .minimum = 0, .maximum = 9});
    return schema;
  }
};

struct QuietOptions final : DestinationOptions {
  bool whisper = false;

  static const config::Schema<QuietOptions>& schema() {
    static const auto schema =
        config::Schema<QuietOptions>("").field("whisper", &QuietOptions::whisper, {.text = "Of no effect either."});
    return schema;
  }
};

/// Acknowledges everything.
class QuietSink final : public Sink {
 public:
  QuietSink(const QuietSettings&, SinkContext context)
      : context_(std::move(context)),
        outcomes_(std::make_shared<OutcomeQueue>(context_.executor, [this](std::uint64_t token, Outcome outcome) {
          context_.observer.outcome(token, std::move(outcome));
        })) {}
  ~QuietSink() override { outcomes_->stop(); }
  void connect() override { context_.observer.connected("nowhere"); }
  bool deliver(const Delivery& delivery) override {
    outcomes_->push(delivery.token, Outcome::delivered());
    return true;
  }
  void close(std::chrono::milliseconds, std::function<void()> closed) override { closed(); }
  std::size_t window() const override { return 100; }

 private:
  SinkContext context_;
  std::shared_ptr<OutcomeQueue> outcomes_;
};

inline SinkType quiet_sink_type(std::string_view name) {
  return {.name = name,
          .text = "Takes all and keeps nothing.",
          .schema = &config::schema_of<QuietSettings>,
          .read = &read_settings<QuietSettings>,
          .make = &make_sink<QuietSink, QuietSettings>,
          .options_schema = &config::schema_of<QuietOptions>,
          .read_options = &read_options<QuietOptions>};
}

}  // namespace pbxbridge::test
