#pragma once

#include "config/pbx_config.hpp"
#include "derive/state/fold.hpp"

#include <vector>

namespace pbxbridge::intake {

/// Knows of which extensions, queues and calls a PBX sends events, by what is subscribed to. Where a reload leaves some
/// out, nothing is heard of them any more.
class SubscribedSubjects {
 public:
  /// Takes the subscriptions that hold from now on.
  void use(const config::PbxConfig& pbx);
  /// False: its topic is not subscribed to, or this process has unsubscribed from it. Where that is open it is true, so
  /// for a topic that is not a known one, and before the first `use`.
  bool contains(const derive::state::RowSubject& subject) const;
  /// Returns whether a subscription selects it, or the first `use` is still to come.
  bool is_selected(const derive::state::RowSubject& subject) const { return !is_used_ || is_selected(now_, subject); }

 private:
  using Subscriptions = std::vector<config::SubscribeConfig>;  // what each selects is sorted

  bool has_topic(const derive::state::RowSubject& subject) const;
  bool is_selected(const Subscriptions& subscriptions, const derive::state::RowSubject& subject) const;
  bool may_tell(const config::SubscribeConfig& entry, derive::state::TableKind kind) const;

  config::Dialect dialect_ = config::Dialect::v22;
  bool is_used_ = false;
  Subscriptions now_;
  Subscriptions before_;
};

}  // namespace pbxbridge::intake
