#include "asyncapi/channels.hpp"

#include "asyncapi/address.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace pbxbridge::asyncapi {

namespace {

using Json = nlohmann::ordered_json;

/// Needs no escapes in a JSON pointer.
std::string name_of(const std::string& sink, const std::string& topic) {
  std::string name = sink + ".";
  for (const char letter : topic)
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-')
      name += letter;
    else if (!name.ends_with('.'))
      name += '.';
  while (name.ends_with('.')) name.pop_back();
  return name;
}

Json to_json(const Channel& channel, const Json& servers) {
  const auto address = channel.topic ? address_of(*channel.topic) : std::optional(channel.written);
  Json json = {{"address", address ? Json(*address) : Json()}};
  if (channel.topic && !channel.topic->is_fixed()) json["description"] = "From the event: `" + channel.written + "`.";
  if (servers.contains(channel.sink)) json["servers"] = servers.at(channel.sink);
  if (channel.topic && address)
    if (auto parameters = parameters_of(*channel.topic, channel.events); !parameters.empty())
      json["parameters"] = std::move(parameters);
  json["messages"] = channel.messages;
  if (!channel.bindings.empty()) json["bindings"] = channel.bindings;
  return json;
}

}  // namespace

Channel& Channels::of_template(const std::string& sink, const std::string& written, const Json& bindings) {
  auto topic = route::Template::parse(written).value();
  return find_or_add({.name = name_of(sink, written),
                      .sink = sink,
                      .written = written,
                      .topic = std::move(topic),
                      .bindings = bindings,
                      .events = {}});
}

Channel& Channels::of_topic(const std::string& sink, const std::string& topic, const Json& bindings) {
  return find_or_add(
      {.name = name_of(sink, topic), .sink = sink, .written = topic, .topic = {}, .bindings = bindings, .events = {}});
}

Channel& Channels::find_or_add(Channel channel) {
  const auto found = std::ranges::find_if(channels_, [&](const Channel& each) {
    return each.sink == channel.sink && each.written == channel.written && each.bindings == channel.bindings;
  });
  if (found != channels_.end()) return *found;
  const std::string name = channel.name;
  for (int i = 2; std::ranges::find(channels_, channel.name, &Channel::name) != channels_.end(); ++i)
    channel.name = name + "." + std::to_string(i);
  return channels_.emplace_back(std::move(channel));
}

Json Channels::to_json(const Json& servers) const {
  Json json = Json::object();
  for (const Channel& channel : channels_) json[channel.name] = asyncapi::to_json(channel, servers);
  return json;
}

}  // namespace pbxbridge::asyncapi
