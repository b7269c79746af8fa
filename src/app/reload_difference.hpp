#pragma once

#include "app/named_files.hpp"
#include "pbxbridge/config/node.hpp"

#include <string>
#include <vector>

namespace pbxbridge::app {

/// Names of sinks or PBXs, in alphabetical order.
struct Changes {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;  ///< in more than a running one can take

  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
  bool operator==(const Changes&) const = default;
};

/// Differences between one configuration and the next.
struct ReloadDifference {
  Changes sinks;
  Changes pbxs;
  /// Settings that differ from those at the start and are applied by a restart alone, as paths: `spool.path`. Never a
  /// value, which may be a secret.
  std::vector<std::string> needs_restart;
};

/// A configuration as it is compared: what is written, after substitution, and what its files hold.
struct ComparedConfiguration {
  const config::Node& document;
  const FileContents& files;
};

/// Neither the place in a file nor the order of keys counts. `started`: the document that was in force when the process
/// started. What a file of a PBX holds counts at its next connection, for each connection costs events. Pure.
ReloadDifference reload_difference(const config::Node& started, const ComparedConfiguration& running,
                                   const ComparedConfiguration& wanted);

/// "sinks added: a, b; PBXs changed: hq", as a log line has it; "no sink and no PBX has changed".
std::string changes_text(const ReloadDifference& difference);

}  // namespace pbxbridge::app
