#pragma once

#include "intake/pbx_questions.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {

class CountedQuestions final : public PbxQuestions {
 public:
  int snapshots = 0;
  std::vector<event::QueueNames> for_queues;
  std::map<pbx::RestList, std::vector<std::function<void(const pbx::ListedNames&)>>> for_list;
  void ask_for_snapshots(const std::string&) override { ++snapshots; }
  void ask_for_queues(const std::string&, const event::QueueNames& queues) override { for_queues.push_back(queues); }
  void ask_for_list(const std::string&, pbx::RestList list,
                    std::function<void(const pbx::ListedNames&)> listed) override {
    for_list[list].push_back(std::move(listed));
  }
};

}  // namespace pbxbridge::intake
