#pragma once

#include "simulator/model/context.hpp"
#include "simulator/model/phones.hpp"

namespace pbxbridge::sim {

/// Comings and goings: people come in the morning and leave in the evening, some stay for the night, go to lunch, log
/// out of their queues for a while, and a telephone loses its registration now and then.
class Staff {
 public:
  Staff(Context& context, Phones& phones);

 private:
  void plan_evening(Extension& extension);
  void plan_morning(Extension& extension);
  void plan_change(Tenant& tenant);
  void change(Extension& extension);
  void change_presence(Extension& extension);
  void pause_in_queue(Extension& extension);
  void lose_registration(Extension& extension);
  void set_at_work(Extension& extension, bool at_work);

  /// Runs `step` with the extension after so long, if it still exists.
  template <class Step>
  void later(const Extension& extension, Duration wait, Step step);

  Context& context_;
  Phones& phones_;
};

}  // namespace pbxbridge::sim
