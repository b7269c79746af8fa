#pragma once

#include "derive/home_assistant/device_event.hpp"
#include "derive/home_assistant/devices.hpp"
#include "spool/derivation.hpp"
#include "spool/event_log.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::intake {

/// Announces devices to Home Assistant, and takes back those that are no longer wanted, also if an earlier process has
/// announced them. Io thread only.
class DeviceAnnouncer {
 public:
  /// Takes its own rows out of those of the spool's tables. `appended` is called for each event that the spool took.
  DeviceAnnouncer(spool::EventAppender& spool, std::vector<spool::TableRow>& rows,
                  std::function<void(const std::string& pbx)> appended);

  /// From now on these are wanted, under that prefix and of that PBX. The route of their events is in force.
  void use(const std::string& prefix, const std::string& pbx,
           const std::vector<derive::home_assistant::Device>& devices);
  /// There is no route for their events any more, so that nothing can be taken back.
  void pause() { is_used_ = false; }
  /// Appends what has not been said yet, as far as the spool has room; again from time to time.
  void announce();

 private:
  using Name = derive::home_assistant::DeviceName;
  struct Announced {
    std::string pbx;
    std::optional<std::string> payload;  // nothing: by an earlier process, and not by this one
  };
  struct Wanted {
    std::string pbx;
    std::string payload;
  };

  bool append(NewEventPtr event, const std::string& pbx, spool::TableChange change);

  spool::EventAppender& spool_;
  const std::function<void(const std::string& pbx)> appended_;
  std::map<Name, Announced> announced_;
  std::map<Name, Wanted> wanted_;
  bool is_used_ = false;
};

}  // namespace pbxbridge::intake
