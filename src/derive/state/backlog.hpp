#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace pbxbridge::derive::state {

/// Work for many steps. What a step takes of it is done once the spool has taken that step.
template <class T>
class Backlog {
 public:
  /// Becomes work with the present step, and is none where the spool does not take it.
  void add(T item) { coming_.push_back(std::move(item)); }
  /// The next item for this step; null where there is none. Valid until `accept`.
  const T* take() { return taken_ < items_.size() ? &items_[items_.size() - ++taken_] : nullptr; }

  std::size_t size() const { return items_.size(); }
  /// Items of the present step.
  std::size_t taken() const { return taken_; }

  void accept() {
    items_.resize(items_.size() - std::exchange(taken_, 0));
    for (T& item : coming_) items_.push_back(std::move(item));
    coming_.clear();
  }
  void undo() {
    taken_ = 0;
    coming_.clear();
  }
  void clear() {
    undo();
    items_.clear();
  }

 private:
  std::vector<T> items_;  // those of the present step are the last
  std::size_t taken_ = 0;
  std::vector<T> coming_;
};

}  // namespace pbxbridge::derive::state
