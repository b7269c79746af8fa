#pragma once

#include "pbxbridge/config/node.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace pbxbridge::app {

/// Paths as a configuration has them.
using FileNames = std::set<std::string>;
/// A hash of what each file holds; none of one that cannot be read.
using FileContents = std::map<std::string, std::string>;

/// The files from which secrets and certificates come: what stands under keys that end in `_file`, or in `.location` as
/// librdkafka's options do, and in `${file:PATH}` in the `text` of the file itself.
FileNames named_files(const config::Node& document, std::string_view text);

/// Reads them. One that takes longer than half a second, on a file system that does not answer, is left out.
FileContents contents_of(const FileNames& files);

}  // namespace pbxbridge::app
