#pragma once

#include "pbxbridge/examination.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace pbxbridge::examine {

/// Something to be examined, by one blocking function. It keeps alive what it uses: its thread may outlive the caller.
struct Subject {
  std::string name;
  std::function<void(Findings&)> examine;
};

/// Examines all at once, each in a thread of its own. `report` is called on the calling thread: the findings of one
/// subject as they come, those of the next after them. A subject that takes longer than `limit` is left to itself, with
/// an error that says so.
void examine_subjects(const std::vector<Subject>& subjects, std::chrono::milliseconds limit,
                      const std::function<void(const Finding&)>& report);

}  // namespace pbxbridge::examine
