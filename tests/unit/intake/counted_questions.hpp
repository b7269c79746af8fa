#pragma once

#include "intake/pbx_questions.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::intake {

class CountedQuestions final : public PbxQuestions {
 public:
  int snapshots = 0;
  std::vector<event::QueueNames> for_queues;
  std::vector<std::function<void(const pbx::OpenCalls&)>> for_open_calls;
  void ask_for_snapshots(const std::string&) override { ++snapshots; }
  void ask_for_queues(const std::string&, const event::QueueNames& queues) override { for_queues.push_back(queues); }
  void ask_for_open_calls(const std::string&, std::function<void(const pbx::OpenCalls&)> listed) override {
    for_open_calls.push_back(std::move(listed));
  }
};

}  // namespace pbxbridge::intake
