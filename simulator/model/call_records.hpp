#pragma once

#include "simulator/model/call.hpp"

#include <cstddef>
#include <deque>
#include <utility>

namespace pbxbridge::sim {

/// The calls that have ended, as the PBX keeps them for its REST API. The oldest go when there are too many.
class CallRecords {
 public:
  static constexpr std::size_t capacity = 100'000;

  void add(CallRecord record) {
    records_.push_back(std::move(record));
    if (records_.size() > capacity) records_.pop_front();
  }

  auto begin() const { return records_.begin(); }
  auto end() const { return records_.end(); }
  std::size_t size() const { return records_.size(); }

 private:
  std::deque<CallRecord> records_;
};

}  // namespace pbxbridge::sim
