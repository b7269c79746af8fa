#pragma once

#include "config/config.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"

namespace pbxbridge::config {

/// A sink type of the tests' own, so that they need none of the real ones.
struct SampleSettings final : SinkSettings {
  Located<std::string> address;
  Format format = Format::raw;
  Duration patience{1500};
  ByteSize buffer{64 * 1024};
  std::uint16_t port = 1;
  std::optional<int> level;
  bool eager = false;
  double share = 0.5;
  Secret password;
  std::vector<std::string> hosts;
  std::map<std::string, Located<std::string>> options;

  static const Schema<SampleSettings>& schema() {
    static const auto schema =
        Schema<SampleSettings>("A sink for tests.")
            .field("address", &SampleSettings::address, {.text = "Where it is.", .example = "here", .required = true})
            .field("format", &SampleSettings::format, {.text = "Form."})
            .field("patience", &SampleSettings::patience, {.text = "Wait.", .minimum = 1000, .maximum = 60'000})
            .field("buffer", &SampleSettings::buffer, {.text = "Memory.", .minimum = 1024})
            .field("port", &SampleSettings::port, {.text = "Port."})
            .field("level", &SampleSettings::level, {.text = "One | two.", .minimum = 0, .maximum = 2})
            .field("eager", &SampleSettings::eager, {.text = "At once."})
            .field("share", &SampleSettings::share, {.text = "Part.", .minimum = 0, .maximum = 1})
            .field("password", &SampleSettings::password, {.text = "Secret."})
            .field("hosts", &SampleSettings::hosts, {.text = "Hosts.", .or_single = true})
            .field("options", &SampleSettings::options, {.text = "More."})
            .check({"eager", "port"}, [](const SampleSettings& settings, const WrittenKeys& written, Report& report) {
              if (settings.eager && settings.port == 1) report.error(written.location("eager"), "eager needs a port");
            });
    return schema;
  }
};

struct SampleOptions final : DestinationOptions {
  std::optional<int> urgency;
  Secret ticket;

  static const Schema<SampleOptions>& schema() {
    static const auto schema = Schema<SampleOptions>("")
                                   .field("urgency", &SampleOptions::urgency, {.text = "How soon. Or later."})
                                   .field("ticket", &SampleOptions::ticket, {.text = "To be let in."});
    return schema;
  }
};

inline std::span<const SinkType> sample_sink_types() {
  static const SinkType types[] = {{.name = "sample",
                                    .text = "For tests.",
                                    .schema = &schema_of<SampleSettings>,
                                    .read = &read_settings<SampleSettings>,
                                    .options_schema = &schema_of<SampleOptions>,
                                    .read_options = &read_options<SampleOptions>}};
  return types;
}

}  // namespace pbxbridge::config
