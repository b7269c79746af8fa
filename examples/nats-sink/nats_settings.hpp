#pragma once

#include <cstdint>
#include <pbxbridge/cloudevents.hpp>
#include <pbxbridge/format.hpp>
#include <pbxbridge/sink_type.hpp>
#include <string>
#include <vector>

namespace nats_sink {

struct NatsSettings final : pbxbridge::SinkSettings {
  std::string url;
  pbxbridge::Format format = pbxbridge::Format::cloudevents;
  std::vector<pbxbridge::AttributeChoice> attributes = {pbxbridge::AttributeChoice::minimal};
  std::string username;
  pbxbridge::config::Secret password;
  std::uint32_t window = 1'000;
  pbxbridge::config::Duration connect_timeout{5'000};
  pbxbridge::config::Duration ack_timeout{30'000};

  static const pbxbridge::config::Schema<NatsSettings>& schema();
};

}  // namespace nats_sink
