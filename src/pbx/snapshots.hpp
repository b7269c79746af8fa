#pragma once

#include "config/pbx_config.hpp"
#include "event/json_document.hpp"
#include "event/queue_name.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::pbx {

/// Tells which events a PBX pushes as its present state, right after a subscribe: for some topics of 22.x (PortSIP PBX
/// 22.3, "WSI: Pub/Sub") one of a certain type for each extension or queue. They look like those that it pushes when
/// something has happened, and come at once. No page of the vendor has a snapshot in 16.x. In doubt an event is none.
/// Pure.
class Snapshots {
 public:
  explicit Snapshots(config::Dialect dialect) : dialect_(dialect) {}

  /// Returns whether the PBX pushes what is when this topic is subscribed to.
  bool follow(std::string_view topic) const { return dialect_ == config::Dialect::v22 && kind_of(topic) != nullptr; }
  /// Returns the part of this entry that brings the state of these queues; nothing where it brings that of none.
  std::optional<config::SubscribeConfig> part_of(const config::SubscribeConfig& entry,
                                                 const event::QueueNames& queues) const;
  /// The subscribe of this entry was sent: what was awaited of `subscription` before is not any more.
  void asked(std::uint64_t subscription, const config::SubscribeConfig& entry);
  /// The PBX has granted it: what is pushed at once comes now.
  void granted(std::uint64_t subscription, SystemTime at);
  /// Nothing of it is awaited any more: it was rejected, dropped, or not answered in time.
  void end(std::uint64_t subscription);
  void end_all() { running_.clear(); }

  /// Returns whether an event could be of a snapshot; spares `take` its work.
  bool running() const { return !running_.empty(); }
  /// Returns whether this event is of a snapshot. Each is so once.
  bool take(std::string_view payload, SystemTime received_at);

 private:
  struct Kind;
  /// Tenant and number of an extension or queue; the tenant may be empty.
  using Entity = std::pair<std::string, std::string>;
  struct Running {
    std::uint64_t subscription;
    const Kind* kind;
    config::SubscribeConfig entry;
    std::set<Entity> seen = {};
    std::optional<SystemTime> latest = {};  // event of it, or its grant
  };

  static const Kind* kind_of(std::string_view topic);
  static bool selects(const config::SubscribeConfig& entry, const Kind& kind, const Entity& entity);
  std::vector<Entity> entities_of(const Kind& kind, std::string_view payload);

  config::Dialect dialect_;
  std::vector<Running> running_;
  event::JsonDocument document_;
};

}  // namespace pbxbridge::pbx
