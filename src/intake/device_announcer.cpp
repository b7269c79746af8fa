#include "intake/device_announcer.hpp"

#include "pbxbridge/event.hpp"

#include <chrono>
#include <utility>

namespace pbxbridge::intake {

namespace {

/// False where the spool has no room for it now.
bool append(spool::EventAppender& spool, NewEventPtr event, std::string key, std::optional<std::string> row) {
  spool::Derivation derivation;
  derivation.events.push_back(std::move(event));
  derivation.changes.push_back({std::move(key), std::move(row)});
  NewEventPtr no_cause;
  return !spool.append(no_cause, std::move(derivation));
}

}  // namespace

DeviceAnnouncer::DeviceAnnouncer(spool::EventAppender& spool, std::vector<spool::TableRow>& rows) : spool_(spool) {
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
  for (auto each = announced_.begin(); each != announced_.end();) {
    if (!wanted_.contains(each->first)) {
      if (!take_back(each->first, each->second.pbx)) return;
      each = announced_.erase(each);
    } else {
      ++each;
    }
  }
  for (const auto& [name, wanted] : wanted_) {
    const auto announced = announced_.find(name);
    if (announced != announced_.end() && announced->second.payload == wanted.payload) continue;
    if (!announce(name, wanted)) return;
    announced_.insert_or_assign(name, Announced{wanted.pbx, wanted.payload});
  }
}

bool DeviceAnnouncer::announce(const Name& name, const Wanted& wanted) {
  return append(
      spool_,
      derive::home_assistant::device_event(name.id, wanted.pbx, wanted.payload, std::chrono::system_clock::now()),
      name.stored_key(), wanted.pbx);
}

bool DeviceAnnouncer::take_back(const Name& name, const std::string& pbx) {
  return append(spool_, derive::home_assistant::device_removal(name, pbx, std::chrono::system_clock::now()),
                name.stored_key(), std::nullopt);
}

}  // namespace pbxbridge::intake
