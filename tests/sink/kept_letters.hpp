#pragma once

#include "spool/dead_letters/dead_letters.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::test {

/// Keeps dead letters as a spool on disk does.
class KeptLetters final : public spool::DeadLetters {
 public:
  void bury(const std::string&, spool::DeadLetter letter) override { letters.push_back(std::move(letter)); }
  std::vector<spool::DeadLetter> take_redriven(const std::string&) override { return {}; }
  void give_back(const std::string&, const spool::DeadLetter&) override {}
  void forget(const std::string&, const spool::DeadLetter&) override {}

  std::vector<spool::DeadLetter> letters;
};

}  // namespace pbxbridge::test
