#include "sink/stdout/stdout_sink.hpp"

#include "sink/event_line.hpp"
#include "sink/line_sink.hpp"
#include "sink/stdout/output_stream.hpp"

#include <unistd.h>

namespace pbxbridge::sink {

namespace {

struct StdoutSettings final : config::SinkSettings {
  Format format = Format::cloudevents_structured;

  static const config::Schema<StdoutSettings>& schema() {
    static const auto schema =
        config::Schema<StdoutSettings>("Writes each event as one line to standard output (NDJSON).")
            .field("format", &StdoutSettings::format, {.text = line_format_text});
    return schema;
  }
};

std::shared_ptr<OutputStream> standard_output() {
  static const auto stream = std::make_shared<OutputStream>(STDOUT_FILENO, "standard output");
  return stream;
}

}  // namespace

const config::SinkType stdout_sink_type{
    .name = "stdout",
    .text = "Lines of JSON on standard output.",
    .topic_syntax = config::TopicSyntax::none,
    .schema = []() -> const config::SchemaBase& { return StdoutSettings::schema(); },
    .read = config::read_settings<StdoutSettings>,
    .make = [](const config::SinkSettings& settings, SinkContext context) -> std::unique_ptr<Sink> {
      const auto& standard = dynamic_cast<const StdoutSettings&>(settings);
      return std::make_unique<LineSink>(std::move(context), standard.format,
                                        std::make_unique<StreamTarget>(standard_output()));
    },
};

}  // namespace pbxbridge::sink
