#include "sink/stdout/stdout_sink.hpp"

#include "pbxbridge/examination.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"
#include "sink/event_line.hpp"
#include "sink/line_sink.hpp"
#include "sink/stdout/output_stream.hpp"

#include <unistd.h>

namespace pbxbridge::sink {

namespace {

struct StdoutSettings final : SinkSettings {
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

std::unique_ptr<Sink> make_stdout_sink(const SinkSettings& settings, SinkContext context) {
  return std::make_unique<LineSink>(std::move(context), static_cast<const StdoutSettings&>(settings).format,
                                    std::make_unique<StreamTarget>(standard_output()));
}

}  // namespace

const SinkType stdout_sink_type{
    .name = "stdout",
    .text = "Lines of JSON on standard output.",
    .schema = &config::schema_of<StdoutSettings>,
    .read = &read_settings<StdoutSettings>,
    .make = &make_stdout_sink,
    .options_schema = &config::schema_of<FormatOptions>,
    .read_options = &read_options<FormatOptions>,
    .compose =
        [](const SinkSettings& settings, const Delivery& delivery) {
          return compose_line(delivery, static_cast<const StdoutSettings&>(settings).format);
        },
    .examine = [](const SinkSettings&, const SinkExamination&,
                  Findings& findings) { findings.ok("writable", "standard output of the running process"); },
};

}  // namespace pbxbridge::sink
