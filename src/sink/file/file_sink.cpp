#include "sink/file/file_sink.hpp"

#include "sink/file/file_examination.hpp"
#include "sink/file/file_settings.hpp"
#include "sink/file/file_target.hpp"
#include "sink/line_sink.hpp"

namespace pbxbridge::sink {

namespace {

std::unique_ptr<Sink> make_file_sink(const SinkSettings& settings, SinkContext context) {
  const auto& file = static_cast<const FileSettings&>(settings);
  return std::make_unique<LineSink>(std::move(context), file.format, std::make_unique<FileTarget>(file));
}

}  // namespace

const SinkType file_sink_type{
    .name = "file",
    .text = "Lines of JSON in a file, with rotation.",
    .schema = &config::schema_of<FileSettings>,
    .read = &read_settings<FileSettings>,
    .make = &make_file_sink,
    .options_schema = &config::schema_of<FormatOptions>,
    .read_options = &read_options<FormatOptions>,
    .compose =
        [](const SinkSettings& settings, const Delivery& delivery) {
          return compose_line(delivery, static_cast<const FileSettings&>(settings).format);
        },
    .examine = [](const SinkSettings& settings, const SinkExamination&,
                  Findings& findings) { examine_file(static_cast<const FileSettings&>(settings), findings); },
};

}  // namespace pbxbridge::sink
