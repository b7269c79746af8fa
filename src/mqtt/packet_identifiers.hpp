#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pbxbridge::mqtt {

/// The packet identifiers of one client over all its connections, dealt out in turn from 1 to 65,535 and round again.
/// It outlives the connections because a broker does: one may remember a QoS 2 exchange that a connection did not
/// finish, even where it says that it has kept no session (NATS 2.10 does). A new message under that identifier would
/// then be taken for the old one, acknowledged, and lost.
///
/// So an identifier is *unfinished* from the PUBLISH of QoS 2 that uses it until the broker has completed the exchange,
/// and *unseen* where another process may have left one. Both are *doubtful*.
class PacketIdentifiers {
 public:
  static constexpr std::uint16_t largest = 65'535;

  /// Begins at random: an earlier process may have used this client id.
  PacketIdentifiers();
  /// `first` is not 0.
  explicit PacketIdentifiers(std::uint16_t first) : next_(first) {}

  /// The one that comes next.
  std::uint16_t next() const { return next_; }
  void use(std::uint16_t identifier) { next_ = after(identifier); }
  static constexpr std::uint16_t after(std::uint16_t identifier) {
    return identifier == largest ? std::uint16_t{1} : static_cast<std::uint16_t>(identifier + 1);
  }

  bool is_doubtful(std::uint16_t identifier) const { return unfinished_[identifier] || unseen_[identifier]; }
  bool is_unfinished(std::uint16_t identifier) const { return unfinished_[identifier]; }
  void begin_exchange(std::uint16_t identifier) { unfinished_.set(identifier); }
  void end_exchange(std::uint16_t identifier) {
    unfinished_.reset(identifier);
    unseen_.reset(identifier);
  }
  /// The broker may remember a session that is not this process's.
  void doubt_all() { unseen_.set(); }

  /// A broker must answer a PUBREL for an identifier that it does not know (MQTT 3.1.1, 4.3.3), and some end the
  /// connection instead (aedes 0.51). What ends two connections in a row without one answer is not asked again: then
  /// unseen identifiers are used as they are, and unfinished ones left out.
  void begin_connection() {
    if (std::exchange(release_unanswered_, false) && ++unanswered_releases_ == tolerated_unanswered_releases)
      unseen_.reset();
  }
  bool may_release() const { return unanswered_releases_ < tolerated_unanswered_releases; }
  void release_sent() { release_unanswered_ = true; }
  void release_answered() {
    release_unanswered_ = false;
    unanswered_releases_ = 0;
  }

 private:
  static constexpr unsigned tolerated_unanswered_releases = 2;

  std::uint16_t next_;
  bool release_unanswered_ = false;  // on the connection that stands
  unsigned unanswered_releases_ = 0;
  std::bitset<std::size_t{largest} + 1> unfinished_;
  std::bitset<std::size_t{largest} + 1> unseen_;
};

}  // namespace pbxbridge::mqtt
