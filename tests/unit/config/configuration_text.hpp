#pragma once

#include "config/load.hpp"
#include "sample_sink.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::config {

/// A valid configuration whose parts a test exchanges.
struct ConfigurationText {
  std::string pbx =
      "  - name: hq\n"
      "    url: wss://pbx.example.com:8887/wsi\n"
      "    auth: { username: bridge, password: open-sesame }\n"
      "    subscribe: [{ topic: cdr_events }]\n";
  std::string sinks = "  first: { type: sample, address: here }\n";
  std::string routes = "  - { match: {}, to: { sink: first } }\n";
  std::string rest;

  std::string text() const { return "pbx:\n" + pbx + "sinks:\n" + sinks + "routes:\n" + routes + rest; }
  Loaded load() const { return load_config_text(text(), sample_sink_types()); }
  std::string problems() const { return format_problems(load().report, "f.yaml"); }
};

/// The problems of a configuration whose sink `first` has these further fields, one a line; they begin in line 10.
inline std::string problems_of_sink(const std::string& fields) {
  ConfigurationText text;
  text.sinks = "  first:\n    type: sample\n" + fields;
  return text.problems();
}

inline const SampleSettings& settings_of(const Loaded& loaded) {
  return dynamic_cast<const SampleSettings&>(*loaded.config.sinks.at("first").settings);
}

}  // namespace pbxbridge::config
