#pragma once

#include "intake/pbx_questions.hpp"

#include <string>

namespace pbxbridge::intake {

class CountedQuestions final : public PbxQuestions {
 public:
  int snapshots = 0;
  void ask_for_snapshots(const std::string&) override { ++snapshots; }
};

}  // namespace pbxbridge::intake
