#include "examine/examination.hpp"

#include "examine/pbx_examination.hpp"
#include "examine/sink_examination.hpp"
#include "examine/spool_examination.hpp"

namespace pbxbridge::examine {

std::vector<Subject> subjects_of(const std::shared_ptr<const config::Config>& config,
                                 const std::vector<SinkType>& sink_types) {
  std::vector<Subject> subjects;
  for (const auto& pbx : config->pbx)
    subjects.push_back({"pbx " + pbx.name, [config, &pbx](Findings& findings) { examine_pbx(pbx, findings); }});
  for (const auto& [name, sink] : config->sinks) subjects.push_back(sink_subject(config, sink_types, name));
  subjects.push_back({"spool", [config](Findings& findings) { examine_spool(config->spool, findings); }});
  return subjects;
}

}  // namespace pbxbridge::examine
