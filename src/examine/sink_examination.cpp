#include "examine/sink_examination.hpp"

#include "route/named_topics.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::examine {

namespace {

std::size_t largest_payload(const config::Config& config) {
  std::uint64_t bytes = 0;
  for (const auto& pbx : config.pbx) bytes = std::max(bytes, pbx.max_frame_size.bytes);
  return bytes;
}

}  // namespace

Subject sink_subject(const std::shared_ptr<const config::Config>& config, const std::vector<SinkType>& sink_types,
                     const std::string& name) {
  const config::SinkConfig& sink = config->sinks.at(name);
  const SinkType* const type = find_sink_type(sink_types, sink.type);
  if (type->examine == nullptr)
    return {"sink " + name, [type_name = sink.type](Findings& findings) {
              findings.warning("type", "sinks of the type " + type_name + " offer no examination",
                               "see in the log of pbxbridge whether it connects");
            }};
  SinkExamination asked{.name = name,
                        .topics = route::named_topics(*config, sink_types, name),
                        .largest_payload = largest_payload(*config)};
  return {"sink " + name, [config, &sink, examine = type->examine, asked = std::move(asked)](Findings& findings) {
            examine(*sink.settings, asked, findings);
          }};
}

}  // namespace pbxbridge::examine
