#include "sink/file/file_sink.hpp"

#include "sink/file/file_settings.hpp"
#include "sink/file/file_target.hpp"
#include "sink/line_sink.hpp"

namespace pbxbridge::sink {

const config::SinkType file_sink_type{
    .name = "file",
    .text = "Lines of JSON in a file, with rotation.",
    .topic_syntax = config::TopicSyntax::none,
    .schema = []() -> const config::SchemaBase& { return FileSettings::schema(); },
    .read = config::read_settings<FileSettings>,
    .make = [](const config::SinkSettings& settings, SinkContext context) -> std::unique_ptr<Sink> {
      const auto& file = dynamic_cast<const FileSettings&>(settings);
      return std::make_unique<LineSink>(std::move(context), file.format, std::make_unique<FileTarget>(file));
    },
};

}  // namespace pbxbridge::sink
