#include "intake/device_announcer.hpp"

#include "pbxbridge/event.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace pbxbridge::intake {

namespace {

using derive::home_assistant::device_event;
using derive::home_assistant::device_removal;

/// Devices of one `announce`, so that the io thread soon goes on to other things.
constexpr std::size_t devices_at_once = 64;

SystemTime now() { return std::chrono::system_clock::now(); }

}  // namespace

std::set<std::string> DeviceAnnouncer::sinks_of(const std::vector<spool::TableRow>& rows) {
  std::set<std::string> sinks;
  for (const auto& row : rows)
    if (const auto name = Name::of_stored_key(row.key)) sinks.insert(name->sink);
  return sinks;
}

DeviceAnnouncer::DeviceAnnouncer(spool::EventAppender& spool, std::vector<spool::TableRow>& rows,
                                 Surroundings surroundings)
    : spool_(spool), surroundings_(std::move(surroundings)) {
  std::erase_if(rows, [this](spool::TableRow& row) {
    auto name = Name::of_stored_key(row.key);
    if (name) announced_.emplace(std::move(*name), Announced{std::move(row.row), std::nullopt});
    return name.has_value();
  });
}

std::set<std::string> DeviceAnnouncer::sinks() const {
  std::set<std::string> sinks;
  for (const auto& [name, announced] : announced_) sinks.insert(name.sink);
  return sinks;
}

void DeviceAnnouncer::use(std::map<Name, Wanted> devices, std::set<std::string> sinks) {
  wanted_ = std::move(devices);
  sinks_ = std::move(sinks);
}

void DeviceAnnouncer::announce_again() {
  for (auto& [name, announced] : announced_) announced.payload.reset();
}

bool DeviceAnnouncer::announce() {
  std::size_t appended = 0;
  for (auto each = announced_.begin(); each != announced_.end();) {
    const auto& [name, announced] = *each;
    if (wanted_.contains(name) || !sinks_.contains(name.sink) ||
        (announced.is_taken_back && !surroundings_.has_all(name.sink))) {
      ++each;
      continue;
    }
    if (appended++ == devices_at_once) return true;
    if (!take_back(each)) return false;
  }
  for (const auto& [name, wanted] : wanted_) {
    const auto announced = announced_.find(name);
    if (announced != announced_.end() && announced->second.payload == wanted.payload) continue;
    if (appended++ == devices_at_once) return true;
    if (!append(device_event(name.id, wanted.pbx, wanted.payload, now()), wanted.pbx,
                spool::TableChange{name.stored_key(), wanted.pbx}))
      return false;
    announced_.insert_or_assign(name, Announced{wanted.pbx, wanted.payload});
  }
  return false;
}

/// Sends first the event, then the row. Moves `each` on where the spool had room.
bool DeviceAnnouncer::take_back(EachAnnounced& each) {
  auto& [name, announced] = *each;
  if (announced.is_taken_back) {
    if (!append(nullptr, announced.pbx, spool::TableChange{name.stored_key(), std::nullopt})) return false;
    each = announced_.erase(each);
    return true;
  }
  if (!append(device_removal(name, announced.pbx, now()), announced.pbx, std::nullopt)) return false;
  announced.is_taken_back = true;
  announced.payload.reset();
  ++each;
  return true;
}

/// False where the spool has no room for it now.
bool DeviceAnnouncer::append(NewEventPtr event, const std::string& pbx, std::optional<spool::TableChange> change) {
  const bool has_event = event != nullptr;
  spool::Derivation derivation;
  if (event) derivation.events.push_back({std::move(event)});
  if (change) derivation.changes.push_back(std::move(*change));
  NewEventPtr no_cause;
  if (spool_.append(no_cause, std::move(derivation))) return false;
  if (has_event) surroundings_.appended(pbx);
  return true;
}

}  // namespace pbxbridge::intake
