#include "simulator/protocol/subscribe_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pbxbridge::sim {

namespace {

using nlohmann::json;

/// Reason for which a message is rejected; never leaves this file.
struct Rejected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A list of strings; empty where it is absent.
std::set<std::string> strings(const json& message, std::string_view key) {
  std::set<std::string> result;
  const auto found = message.find(key);
  if (found == message.end()) return result;
  if (!found->is_array() || found->empty()) throw Rejected(fmt::format("{} must be a list of strings", key));
  for (const auto& element : *found) {
    if (!element.is_string()) throw Rejected(fmt::format("{} must be a list of strings", key));
    result.insert(element.get<std::string>());
  }
  return result;
}

SubscriptionRequest request_of(const json& message, const json& topic, Dialect dialect) {
  const bool named_by_object = dialect == Dialect::v16;
  if (named_by_object ? !topic.is_object() : !topic.is_string())
    throw Rejected(named_by_object ? "topics must be a list of objects" : "topics must be a list of strings");
  const auto name = named_by_object ? topic.value("topic", json()) : topic;
  SubscriptionRequest request;
  request.topic = name.is_string() ? find_topic(name.get<std::string>(), dialect) : nullptr;
  if (request.topic == nullptr) throw Rejected(fmt::format("unknown topic {}", name.dump()));
  if (named_by_object) request.keys = strings(topic, "keys");
  const auto key = selector_key(request.topic->selector);
  if (!key.empty()) request.selected = strings(message, key);
  return request;
}

}  // namespace

SubscribeMessage parse_subscribe(const json& message, Dialect dialect) {
  SubscribeMessage result;
  try {
    const auto list = message.find("topics");
    if (list == message.end() || !list->is_array() || list->empty()) throw Rejected("topics is missing");
    for (const auto& topic : *list) {
      auto request = request_of(message, topic, dialect);
      if (std::ranges::find(result.requests, request.topic, &SubscriptionRequest::topic) != result.requests.end())
        throw Rejected(fmt::format("{} is named twice", request.topic->name));
      result.requests.push_back(std::move(request));
    }
  } catch (const Rejected& rejected) {
    result.requests.clear();
    result.error = rejected.what();
  }
  return result;
}

}  // namespace pbxbridge::sim
