#pragma once

#include <cstddef>

namespace pbxbridge::sink {

/// Limits how many records of a topic may be in flight together once its broker has rejected a batch. A rejection names
/// no record, so groups are halved until one record is alone and the rejection its own, and doubled again while they
/// are taken. Where a larger group fails again and again, it is tried less often. Pure.
class GroupLimit {
 public:
  /// Called after so many records were rejected together.
  explicit GroupLimit(std::size_t records);

  std::size_t records() const { return records_; }
  /// A group, because of one record that nobody knows.
  void rejected();
  /// A record that was alone.
  void rejected_alone() { taken_ = 0; }
  /// All of a group.
  void taken();
  /// Groups are as large as batches need to be: no limit is wanted any more.
  bool is_over() const;

 private:
  std::size_t records_;
  std::size_t taken_ = 0;     // groups of this size, one after the other
  std::size_t patience_ = 1;  // groups to be taken before larger ones are tried
  bool has_grown_ = false;    // since the last rejection
};

}  // namespace pbxbridge::sink
