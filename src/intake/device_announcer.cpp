#include "intake/device_announcer.hpp"

#include "pbxbridge/event.hpp"

#include <chrono>
#include <utility>

namespace pbxbridge::intake {

namespace {

using derive::home_assistant::device_event;
using derive::home_assistant::device_removal;

}  // namespace

DeviceAnnouncer::DeviceAnnouncer(spool::EventAppender& spool, std::vector<spool::TableRow>& rows,
                                 std::function<void(const std::string& pbx)> appended)
    : spool_(spool), appended_(std::move(appended)) {
  std::erase_if(rows, [this](spool::TableRow& row) {
    auto name = Name::of_stored_key(row.key);
    if (name) announced_.emplace(std::move(*name), Announced{std::move(row.row), std::nullopt});
    return name.has_value();
  });
}

void DeviceAnnouncer::use(const std::string& prefix, const std::string& pbx,
                          const std::vector<derive::home_assistant::Device>& devices) {
  is_used_ = true;
  wanted_.clear();
  for (const auto& device : devices) wanted_.emplace(Name{prefix, device.id}, Wanted{pbx, device.payload});
}

void DeviceAnnouncer::announce() {
  if (!is_used_) return;
  const SystemTime now = std::chrono::system_clock::now();
  for (auto each = announced_.begin(); each != announced_.end();) {
    const auto& [name, announced] = *each;
    if (wanted_.contains(name)) {
      ++each;
      continue;
    }
    if (!append(device_removal(name, announced.pbx, now), announced.pbx, {name.stored_key(), std::nullopt})) return;
    each = announced_.erase(each);
  }
  for (const auto& [name, wanted] : wanted_) {
    const auto announced = announced_.find(name);
    if (announced != announced_.end() && announced->second.payload == wanted.payload) continue;
    if (!append(device_event(name.id, wanted.pbx, wanted.payload, now), wanted.pbx, {name.stored_key(), wanted.pbx}))
      return;
    announced_.insert_or_assign(name, Announced{wanted.pbx, wanted.payload});
  }
}

/// False where the spool has no room for it now.
bool DeviceAnnouncer::append(NewEventPtr event, const std::string& pbx, spool::TableChange change) {
  spool::Derivation derivation;
  derivation.events.push_back({std::move(event)});
  derivation.changes.push_back(std::move(change));
  NewEventPtr no_cause;
  if (spool_.append(no_cause, std::move(derivation))) return false;
  appended_(pbx);
  return true;
}

}  // namespace pbxbridge::intake
