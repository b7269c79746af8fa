#pragma once

#include "derive/home_assistant/device_event.hpp"
#include "spool/derivation.hpp"
#include "spool/event_log.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::intake {

/// Announces devices to Home Assistant, and takes back those that are no longer wanted, also if an earlier process has
/// announced them. Io thread only.
class DeviceAnnouncer {
 public:
  using Name = derive::home_assistant::DeviceName;
  struct Wanted {
    std::string pbx;
    std::string payload;
    bool operator==(const Wanted&) const = default;
  };
  struct Surroundings {
    /// Called for each event that the spool took.
    std::function<void(const std::string& pbx)> appended;
    /// Returns whether the sink of that name has all that was appended.
    std::function<bool(const std::string& sink)> has_all;
  };

  /// Sinks at which devices are announced, by the rows of the spool's tables.
  static std::set<std::string> sinks_of(const std::vector<spool::TableRow>& rows);

  /// Takes its own rows out of those of the spool's tables.
  DeviceAnnouncer(spool::EventAppender& spool, std::vector<spool::TableRow>& rows, Surroundings surroundings);

  /// Sinks at which devices are announced.
  std::set<std::string> sinks() const;
  /// Announces these from now on. `sinks`: those to which a route leads for what is announced there, wanted or not.
  /// The routes are in force. What is announced elsewhere stays until a sink of that name is there again.
  void use(std::map<Name, Wanted> devices, std::set<std::string> sinks);
  /// All of them again, with the next `announce`.
  void announce_again();
  /// Appends some of what has not been said yet, as far as the spool has room; again from time to time. Returns whether
  /// more can follow soon.
  bool announce();

 private:
  struct Announced {
    std::string pbx;
    std::optional<std::string> payload;  // nothing: by an earlier process, or to be announced again
    bool is_taken_back = false;          // the row stays until the sink has that: it leads to the sink after a restart
  };
  using EachAnnounced = std::map<Name, Announced>::iterator;

  bool take_back(EachAnnounced& each);
  bool append(NewEventPtr event, const std::string& pbx, std::optional<spool::TableChange> change);

  spool::EventAppender& spool_;
  const Surroundings surroundings_;
  std::map<Name, Announced> announced_;
  std::map<Name, Wanted> wanted_;
  std::set<std::string> sinks_;
};

}  // namespace pbxbridge::intake
