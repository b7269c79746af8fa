#pragma once

#include "event/queue_name.hpp"
#include "pbx/rest_list.hpp"

#include <functional>
#include <string>

namespace pbxbridge::intake {

/// Questions that the tables of state have for a PBX, by its session. All calls on the io thread, and without effect
/// while there is no such session.
class PbxQuestions {
 public:
  /// Has the PBX push its present state once more, as after a subscribe: see `PbxWatch::snapshots_asked`.
  virtual void ask_for_snapshots(const std::string& pbx) = 0;

  /// Has the PBX push the state of these queues once more, where subscriptions select them.
  virtual void ask_for_queues(const std::string& pbx, const event::QueueNames& queues) = 0;

  /// Asks for a list as `Session::ask_for_list` does.
  virtual void ask_for_list(const std::string& pbx, pbx::RestList list,
                            std::function<void(const pbx::ListedNames&)> listed) = 0;

 protected:
  ~PbxQuestions() = default;
};

}  // namespace pbxbridge::intake
