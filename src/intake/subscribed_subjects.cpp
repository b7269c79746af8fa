#include "intake/subscribed_subjects.hpp"

#include "config/subscribe_topics.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::intake {

namespace {

using config::SubscribeConfig;
using derive::state::RowSubject;
using derive::state::TableKind;

bool selects(const std::vector<std::string>& sorted, std::string_view name) {
  return sorted.empty() || std::ranges::binary_search(sorted, name);
}

bool selects(const SubscribeConfig& entry, const RowSubject& subject) {
  if (!selects(entry.tenants, subject.tenant)) return false;
  if (subject.kind == TableKind::extension) return selects(entry.extensions, subject.number);
  return subject.kind != TableKind::queue || selects(entry.queues, subject.number);
}

}  // namespace

void SubscribedSubjects::use(const config::PbxConfig& pbx) {
  is_used_ = true;
  dialect_ = pbx.dialect;
  for (SubscribeConfig& entry : now_)
    if (std::ranges::find(before_, entry) == before_.end()) before_.push_back(std::move(entry));
  now_ = pbx.subscribe;
  for (SubscribeConfig& entry : now_)
    for (auto* const elements : {&entry.tenants, &entry.extensions, &entry.queues}) std::ranges::sort(*elements);
}

/// A selector may be written in another way than events name what it selects. So it counts only where it did before.
bool SubscribedSubjects::contains(const RowSubject& subject) const {
  if (!is_used_ || !subject.is_shown) return true;
  return has_topic(subject) && (is_selected(now_, subject) || !is_selected(before_, subject));
}

bool SubscribedSubjects::has_topic(const RowSubject& subject) const {
  return std::ranges::any_of(now_, [&](const SubscribeConfig& entry) { return may_tell(entry, subject.kind); });
}

bool SubscribedSubjects::is_selected(const Subscriptions& subscriptions, const RowSubject& subject) const {
  return std::ranges::any_of(subscriptions, [&](const SubscribeConfig& entry) {
    return may_tell(entry, subject.kind) && selects(entry, subject);
  });
}

bool SubscribedSubjects::may_tell(const SubscribeConfig& entry, TableKind kind) const {
  constexpr std::string_view global = "global_";
  const bool is_of_version_16 = dialect_ == config::Dialect::v16;
  std::string_view topic = entry.topic;
  const auto old_topics = config::subscribe_topics_of_version_16();
  const bool is_known = is_of_version_16 ? std::ranges::find(old_topics, topic) != old_topics.end()
                                         : config::find_subscribe_topic(topic) != nullptr;
  if (!is_known) return true;
  if (topic.starts_with(global)) topic.remove_prefix(global.size());
  switch (kind) {
    case TableKind::extension:
      return topic == "extension_events";
    case TableKind::queue:
      return topic == "queue_events";
    default:
      return topic == "cdr_events" || (is_of_version_16 && topic == "extension_events");
  }
}

}  // namespace pbxbridge::intake
