#include "derive/state/extensions.hpp"

#include "derive/state/payload_reader.hpp"
#include "derive/state/queues.hpp"
#include "derive/state/row_key.hpp"
#include "pbxbridge/event.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::derive::state {

namespace {

void take(std::string& text, std::optional<std::string_view> found) {
  if (found) text = *found;
}

/// The PBX has given an extension another number: under the one it had, there is none any more.
void remove_others_of_the_id(Step& step, std::string_view id, std::string_view number) {
  const std::string tenant = row_name(step.occasion().pbx, step.occasion().tenant, "");
  std::vector<std::string> others;
  for (const auto& [name, extension] : step.tables().extensions())
    if (extension.row.id == id && name.starts_with(tenant) && split_name(name).entity != number) others.push_back(name);
  for (const auto& name : others) remove_extension(step, name);
}

/// A change of one extension, from the row as it was to that of `row`.
class ExtensionChange {
 public:
  ExtensionChange(Step& step, std::string_view number)
      : step_(step), number_(number), name_(row_name(step.occasion().pbx, step.occasion().tenant, number)) {
    extension_ = step.tables().extension(name_);
    if (!extension_) return;
    old_ = &extension_->row;
    row = *old_;
  }

  ExtensionRow row;

  bool is_of_another_id() const { return !row.id.empty() && (!old_ || row.id != old_->id); }

  /// `time`: when it happened.
  void finish(Seconds time) {
    const bool was_known = old_ && old_->is_known;
    if (row.is_known && (!was_known || state_of(row) != state_of(*old_))) row.since = time;
    if (!old_ || row != *old_) put();
    if (!extension_) extension_ = step_.tables().extension(name_);
    if (extension_) extension_->seen = step_.occasion().stretch;
  }

 private:
  void put() {
    row.updated = step_.occasion().now();
    if (old_ && old_->is_known && row.id != old_->id && step_.replace(DocumentType::extension, name_))
      step_.publish(step_.documents().extension_removed(step_.occasion(), number_, *old_));  // a topic may have the id
    const bool is_renamed = old_ ? row.name != old_->name : !row.name.empty();
    if (!step_.put(TableKind::extension, name_, std::move(row))) return;
    step_.publish_at_end(DocumentType::extension, name_);
    if (is_renamed) publish_agents_of(step_, number_);
  }

  Step& step_;
  std::string number_;
  std::string name_;
  Extension* extension_ = nullptr;
  const ExtensionRow* old_ = nullptr;  // until `row` takes its place
};

void fold_status(Step& step, PayloadReader& entry) {
  const auto number = entry.extension("extension");
  if (!number) return step.count_not_understood();
  ExtensionChange change(step, *number);
  take(change.row.id, entry.id("extension_id"));
  take(change.row.call_status, entry.text("call_status"));
  take(change.row.presence, entry.text("presence"));
  take(change.row.presence_note, entry.text("presence_note"));
  if (const auto online = entry.flag("online")) {
    change.row.online = *online;
    change.row.is_known = true;
  }
  if (const auto push_online = entry.flag("push_online")) change.row.push_online = *push_online;
  change.finish(step.occasion().time(entry.time("time")));
}

/// Each of the array `status`. It is not said to hold all extensions: the change of one comes in the same form.
void fold_statuses(Step& step, const PayloadReader& event) {
  const auto entries = event.array("status");
  if (!entries) return step.count_not_understood();
  for (const auto entry : *entries) {
    simdjson::dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) {
      step.count_not_understood();
      continue;
    }
    PayloadReader reader(object);
    fold_status(step, reader);
  }
}

void fold_one(Step& step, std::string_view event_type, PayloadReader& event) {
  const auto number = event.extension("extension");
  if (!number) return step.count_not_understood();
  ExtensionChange change(step, *number);
  take(change.row.id, event.id("extension_id"));
  if (event_type == "extension_call") {
    take(change.row.call_status, event.text("call_status"));
    // Nothing else is known of it yet, but a telephone that rings can be reached.
    if (!change.row.is_known) change.row.online = change.row.is_known = true;
  } else if (event_type == "extension_presence") {
    take(change.row.presence, event.text("presence"));
    take(change.row.presence_note, event.text("presence_note"));
  } else if (const auto online = event.flag("online")) {  // extension_register of 16.x
    change.row.online = *online;
    change.row.is_known = true;
  }
  change.finish(step.occasion().time());
}

/// Administration names an extension, and says nothing of its state.
void fold_management(Step& step, std::string_view event_type, PayloadReader& event) {
  const auto number = event.extension("extension_number");
  if (!number) return step.count_not_understood();
  if (event_type == "extension_destroyed")
    return remove_extension(step, row_name(step.occasion().pbx, step.occasion().tenant, *number));
  const std::string own_number(*number);
  ExtensionChange change(step, own_number);
  take(change.row.id, event.id("extension_id"));
  take(change.row.name, event.text("disp_name"));
  if (event_type == "extension_updated" && change.is_of_another_id())
    remove_others_of_the_id(step, change.row.id, own_number);
  change.finish(step.occasion().time());
}

}  // namespace

void fold_extension_event(Step& step, std::string_view event_type, simdjson::dom::object event) {
  PayloadReader reader(event);
  if (event_type == "extension_status") return fold_statuses(step, reader);
  if (event_type == "extension_created" || event_type == "extension_updated" || event_type == "extension_destroyed")
    return fold_management(step, event_type, reader);
  fold_one(step, event_type, reader);
}

void remove_extension(Step& step, std::string_view name) {
  const auto* const extension = step.tables().extension(name);
  if (!extension) return;
  const ExtensionRow row = extension->row;
  const std::string number(split_name(name).entity);
  step.remove(TableKind::extension, name);
  if (row.is_known && step.wants(DocumentType::extension))
    step.publish(step.documents().extension_removed(step.occasion(), number, row));
  if (!row.name.empty()) publish_agents_of(step, number);
}

void hide_extension(Step& step, std::string_view name) {
  const auto* const extension = step.tables().extension(name);
  if (!extension || !extension->row.is_known || extension->row.name.empty()) return remove_extension(step, name);
  const ExtensionRow row = extension->row;
  if (step.wants(DocumentType::extension))
    step.publish(step.documents().extension_removed(step.occasion(), split_name(name).entity, row));
  ExtensionRow named;
  named.id = row.id;
  named.name = row.name;
  step.put(TableKind::extension, name, std::move(named));
}

}  // namespace pbxbridge::derive::state
