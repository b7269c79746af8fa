#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_kinds.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge {

/// 128 bits over pbx name and payload (XXH3). Two replicas' copies of one push have the same hash. It is no id: the
/// same bytes may rightly come twice.
using ContentHash = std::array<std::uint8_t, 16>;

/// Facts about a payload, as the classifier found them. Text fields are empty where unknown.
struct EventAttributes {
  std::string_view pbx;         ///< name of the PBX entry in the configuration
  std::string_view event_type;  ///< `event_type` of the payload
  std::string_view tenant;      ///< tenant id, or for 16.x its domain
  std::string_view entity;      ///< extension number, queue number or id, session id
  EntityKind entity_kind = EntityKind::none;
  Family family = Family::unknown;
  PayloadKind payload_kind = PayloadKind::not_json;
  std::optional<std::chrono::sys_seconds> event_time;  ///< from the payload
  /// Time at which pbxbridge took the frame from the connection: after a pause of reading, later than its arrival.
  SystemTime received_at{};
  std::uint32_t connection_epoch = 0;  ///< counts the connections of this PBX session since the start
  ContentHash content_hash{};
  bool is_removal = false;  ///< see `Event::is_removal`, as the following
  bool is_snapshot = false;
};

/// Stands in the payload of an event of pbxbridge's own for the id of its cause, as the value of the last field, until
/// `Event::name_cause`. As long as an id.
inline constexpr std::string_view cause_placeholder = "0000000000000000-0000000000000000";

/// One push of the PBX: its bytes as they came, with the facts about them; or an event of pbxbridge's own. Immutable
/// once it is shared, and so safe to read from any thread. Event, count of owners and texts are one allocation.
class Event {
 public:
  /// Copies `payload` and the texts of `attributes`.
  static NewEventPtr make(std::string_view payload, const EventAttributes& attributes);
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  std::string_view payload() const { return text(0, payload_size_); }
  std::string_view pbx() const { return text(payload_size_, pbx_size_); }
  std::string_view event_type() const { return text(payload_size_ + pbx_size_, event_type_size_); }
  std::string_view tenant() const { return text(payload_size_ + pbx_size_ + event_type_size_, tenant_size_); }
  std::string_view entity() const {
    return text(payload_size_ + pbx_size_ + event_type_size_ + tenant_size_, entity_size_);
  }
  EntityKind entity_kind() const { return entity_kind_; }
  Family family() const { return family_; }
  PayloadKind payload_kind() const { return payload_kind_; }
  std::optional<std::chrono::sys_seconds> event_time() const { return event_time_; }
  SystemTime received_at() const { return received_at_; }
  std::uint32_t connection_epoch() const { return connection_epoch_; }
  const ContentHash& content_hash() const { return content_hash_; }
  /// The document that this event's key and topic name is gone. The payload identifies it, for topics, keys and
  /// conditions; a sink delivers none. Never of a PBX's push, whatever it holds.
  bool is_removal() const { return is_removal_; }
  /// The PBX pushed it as its present state, right after a subscribe, and not because something has happened.
  bool is_snapshot() const { return is_snapshot_; }
  std::string content_hash_hex() const;
  void append_content_hash_hex(std::string& out) const;

  /// Sequence and id are given right before the commit, by which the event is accepted; until then they are 0.
  Sequence sequence() const { return sequence_; }
  SpoolId spool_id() const { return spool_id_; }
  /// `SPOOLID-SEQUENCE`, the sequence as 16 hexadecimal digits: unique for every event and the same on retry
  /// and on replay after a crash, so that consumers can drop duplicates by it.
  std::string id() const;
  void append_id(std::string& out) const;

  /// Called by the spool alone, once, right before it commits the event, and before the event is shared. Where the
  /// commit fails for good, the event is not accepted, and its sequence is not given again.
  void accept(Sequence sequence, SpoolId spool_id) {
    sequence_ = sequence;
    spool_id_ = spool_id;
  }

  /// Called by the spool alone, before the event is shared: puts the id of its cause, which is accepted, in place of
  /// `cause_placeholder`. A payload that does not end with it stays as it is. The content hash is that of the
  /// placeholder, so that two replicas' copies have the same.
  void name_cause(const Event& cause);

  /// Memory held, for queue bounds, in bytes.
  std::size_t size_bytes() const { return sizeof(Event) + texts_size(); }

 private:
  friend void intrusive_ptr_add_ref(const Event* event) noexcept;
  friend void intrusive_ptr_release(const Event* event) noexcept;

  Event(std::string_view payload, const EventAttributes& attributes);
  ~Event() = default;

  // Payload, pbx, event_type, tenant, entity, one after the other, after this object.
  const char* texts() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view text(std::size_t offset, std::size_t size) const { return {texts() + offset, size}; }
  std::size_t texts_size() const {
    return std::size_t{payload_size_} + pbx_size_ + event_type_size_ + tenant_size_ + entity_size_;
  }

  mutable std::atomic<std::uint32_t> owners_ = 0;
  std::uint32_t payload_size_;
  std::uint32_t pbx_size_;
  std::uint32_t event_type_size_;
  std::uint32_t tenant_size_;
  std::uint32_t entity_size_;
  std::uint32_t connection_epoch_;
  SystemTime received_at_;
  std::optional<std::chrono::sys_seconds> event_time_;
  ContentHash content_hash_;
  Sequence sequence_;
  SpoolId spool_id_;
  EntityKind entity_kind_;
  Family family_;
  PayloadKind payload_kind_;
  bool is_removal_;
  bool is_snapshot_;
};

inline void intrusive_ptr_add_ref(const Event* event) noexcept {
  event->owners_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace pbxbridge
