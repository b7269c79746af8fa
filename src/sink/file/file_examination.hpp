#pragma once

#include "pbxbridge/examination.hpp"
#include "sink/file/file_settings.hpp"

namespace pbxbridge::sink {

/// See SinkType::examine. Makes no file, and writes nothing into one that is there.
void examine_file(const FileSettings& settings, Findings& findings);

}  // namespace pbxbridge::sink
