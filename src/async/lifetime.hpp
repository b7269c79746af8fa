#pragma once

#include <memory>
#include <utility>

namespace pbxbridge::async {

/// Tells handlers and callers that outlive an object whether it is still there: a member of that object, usually its
/// last. Ask on the thread that destroys the owner; a watch may be made, copied and moved on any thread.
class Lifetime {
 public:
  Lifetime() = default;
  Lifetime(const Lifetime&) = delete;
  Lifetime& operator=(const Lifetime&) = delete;

  class Watch {
   public:
    bool is_over() const { return owner_.expired(); }

   private:
    friend class Lifetime;
    explicit Watch(std::weak_ptr<const bool> owner) : owner_(std::move(owner)) {}
    std::weak_ptr<const bool> owner_;
  };

  /// Shows after a call that may destroy the owner whether it has.
  Watch watch() const { return Watch(owner_); }

  /// Wraps `function` so that it does nothing once the owner is gone.
  template <class Function>
  auto guard(Function function) const {
    return [watch = watch(), function = std::move(function)]<class... Arguments>(Arguments&&... arguments) mutable {
      if (!watch.is_over()) function(std::forward<Arguments>(arguments)...);
    };
  }

 private:
  std::shared_ptr<const bool> owner_ = std::make_shared<const bool>(true);
};

}  // namespace pbxbridge::async
