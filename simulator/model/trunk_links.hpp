#pragma once

#include "simulator/model/context.hpp"

namespace pbxbridge::sim {

/// Connections of trunks to their providers. Each is lost now and then, for a while.
class TrunkLinks {
 public:
  /// `context` must outlive this object.
  explicit TrunkLinks(Context& context);

  void set_connected(const Tenant& tenant, Trunk& trunk, bool connected);

 private:
  void plan_loss(const Tenant& tenant, Trunk& trunk);

  Context& context_;
};

}  // namespace pbxbridge::sim
