#include "config/subscription_check.hpp"

#include "config/subscribe_topics.hpp"

#include <algorithm>

namespace pbxbridge::config {

namespace {

struct Selector {
  std::string_view name;
  const std::vector<std::string>& elements;
};

void warn_of_unknown_topic(const SubscribeConfig& entry, const std::vector<std::string_view>& known, Report& report) {
  report.warning(entry.location, "\"" + entry.topic + "\" is not a known topic of this version of the PBX" +
                                     suggestion(entry.topic, known) + "; it is subscribed to all the same");
}

void check_version_22(const SubscribeConfig& entry, Report& report) {
  if (!entry.keys.empty())
    report.error(entry.location, "\"keys\" is for `dialect: \"16\"`; a PBX of version 22 takes none");
  const SubscribeTopic* const topic = find_subscribe_topic(entry.topic);
  if (topic == nullptr) {
    std::vector<std::string_view> names;
    for (const SubscribeTopic& each : subscribe_topics()) names.push_back(each.name);
    return warn_of_unknown_topic(entry, names, report);
  }
  for (const Selector& selector :
       {Selector{"extensions", entry.extensions}, {"queues", entry.queues}, {"tenants", entry.tenants}}) {
    const std::string name(selector.name);
    if (selector.name == topic->selector && selector.elements.empty())
      report.error(entry.location, entry.topic + " needs \"" + name + "\": whose events are wanted?");
    if (selector.name != topic->selector && !selector.elements.empty())
      report.error(entry.location,
                   entry.topic + " takes no \"" + name + "\"" +
                       (topic->selector.empty() ? "" : ", but \"" + std::string(topic->selector) + "\""));
  }
}

void check_version_16(const SubscribeConfig& entry, Report& report) {
  const auto topics = subscribe_topics_of_version_16();
  if (std::find(topics.begin(), topics.end(), entry.topic) == topics.end())
    warn_of_unknown_topic(entry, {topics.begin(), topics.end()}, report);
  if (entry.keys.empty())
    report.error(entry.location,
                 entry.topic + " needs \"keys\": a PBX of version 16 sends only the events named there");
}

}  // namespace

void check_subscriptions(const PbxConfig& pbx, Report& report) {
  for (std::size_t i = 0; i < pbx.subscribe.size(); ++i) {
    const SubscribeConfig& entry = pbx.subscribe[i];
    if (entry.topic.empty()) continue;  // reported already
    if (pbx.dialect == Dialect::v16)
      check_version_16(entry, report);
    else
      check_version_22(entry, report);
    for (std::size_t j = 0; j < i; ++j) {
      if (!(pbx.subscribe[j] == entry)) continue;
      report.warning(entry.location,
                     "the same subscription stands in line " + std::to_string(pbx.subscribe[j].location.line));
      break;
    }
  }
}

}  // namespace pbxbridge::config
