#pragma once

#include "pbx/open_calls.hpp"

#include <functional>
#include <string>

namespace pbxbridge::intake {

/// What the tables of state want to know of a PBX, from its session. All calls on the io thread, and of no effect while
/// there is no such session.
class PbxQuestions {
 public:
  /// Has the PBX push its present state once more, as after a subscribe: see `PbxWatch::snapshots_asked`.
  virtual void ask_for_snapshots(const std::string& pbx) = 0;

  /// Asks which calls are open, as `Session::ask_for_open_calls` does.
  virtual void ask_for_open_calls(const std::string& pbx, std::function<void(const pbx::OpenCalls&)> listed) = 0;

 protected:
  ~PbxQuestions() = default;
};

}  // namespace pbxbridge::intake
