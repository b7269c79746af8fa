#include "asyncapi/document.hpp"

#include "asyncapi/channels.hpp"
#include "asyncapi/event_schemas.hpp"
#include "asyncapi/message_form.hpp"
#include "asyncapi/messages.hpp"
#include "config/config.hpp"
#include "route/possible_events.hpp"
#include "version/version.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::asyncapi {

namespace {

using Json = nlohmann::ordered_json;
using route::PossibleEvent;
using route::Taken;

constexpr std::string_view introduction =
    "What pbxbridge sends under one configuration. A parameter of an address comes from the event; characters that a "
    "topic cannot hold become `_`. A message that has no value on a topic of documents (no bytes, or Kafka's null) "
    "says "
    "that the document is gone. Sinks without topics, such as files, are not listed.";

class DocumentWriter {
 public:
  DocumentWriter(const config::Config& config, std::span<const SinkType> types)
      : config_(config), types_(types), events_(route::possible_events(config)) {}

  std::string write() {
    for (const auto& [name, sink] : config_.sinks) add_sink(name, sink);
    for (std::size_t i = 0; i < config_.routes.size(); ++i) add_route(i, config_.routes[i]);
    for (const auto& [name, sink] : config_.sinks) add_dead_letters(name, sink);
    for (const auto& [name, sink] : config_.sinks) add_own_topics(name, sink);
    Json document = {{"asyncapi", "3.0.0"},
                     {"info", {{"title", "pbxbridge"}, {"version", version::program()}, {"description", introduction}}},
                     {"defaultContentType", "application/json"},
                     {"servers", std::move(servers_)},
                     {"channels", channels_.to_json(servers_of_sink_)},
                     {"operations", std::move(operations_)},
                     {"components", messages_.components()}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  const SinkType& type_of(const config::SinkConfig& sink) const { return *find_sink_type(types_, sink.type); }

  void add_sink(const std::string& name, const config::SinkConfig& sink) {
    const SinkType& type = type_of(sink);
    if (!type.topics || type.describe == nullptr) return;
    SinkDescription& description = descriptions_[name] = type.describe(*sink.settings, name);
    Json references = Json::array();
    for (const auto& each : description.servers) {
      const std::string server = free_server_name(name);
      servers_[server] = json_of(each);
      references.push_back(reference("#/servers/" + server));
    }
    servers_of_sink_[name] = std::move(references);
  }

  /// A server's name has letters, digits, `_` and `-`.
  std::string free_server_name(std::string sink) const {
    std::ranges::replace(sink, '.', '_');
    std::string name = sink;
    for (int i = 2; servers_.contains(name); ++i) name = fmt::format("{}_{}", sink, i);
    return name;
  }

  static Json json_of(const SinkDescription::Server& server) {
    Json json = {{"host", server.host}, {"protocol", server.protocol}};
    if (!server.protocol_version.empty()) json["protocolVersion"] = server.protocol_version;
    if (!server.path.empty()) json["pathname"] = server.path;
    if (!server.security.empty()) json["security"] = Json::array({{{"type", server.security}}});
    return json;
  }

  void add_route(std::size_t index, const config::RouteConfig& route) {
    std::vector<PossibleEvent> taken;
    for (const PossibleEvent& event : events_)
      if (route::taken(route.match, event) != Taken::never) taken.push_back(event);
    for (std::size_t i = 0; i < route.to.size(); ++i) {
      std::ranges::copy(taken, std::back_inserter(sent_[route.to[i].sink.value]));
      add_destination(fmt::format("route.{}.{}", index + 1, i + 1),
                      fmt::format("Route in line {}", route.location.line), route.to[i], taken);
    }
  }

  void add_dead_letters(const std::string& name, const config::SinkConfig& sink) {
    if (sink.dead_letters_to)
      add_destination("dead_letters." + name, "Events that sink " + name + " has rejected", *sink.dead_letters_to,
                      sent_[name]);
  }

  void add_destination(const std::string& operation, const std::string& title,
                       const config::DestinationConfig& destination, const std::vector<PossibleEvent>& events) {
    const std::string& name = destination.sink.value;
    const config::SinkConfig& sink = config_.sinks.at(name);
    const SinkType& type = type_of(sink);
    if (!type.topics) return;
    const MessageForm form = message_form(destination, sink, type, types_, descriptions_[name].bindings);
    const std::string& topic = destination.topic.value;
    Channel& channel = channels_.of_template(name, topic, form.channel_bindings);
    const bool is_fixed = channel.topic->is_fixed();
    add_operation(operation, title, channel, form, events);
    if (is_fixed) return;
    const std::string& fallback = destination.fallback_topic.value;
    add_operation(operation + ".fallback", title + ", events whose own topic cannot be made",
                  channels_.of_topic(name, fallback.empty() ? std::string(type.topics->fallback_topic) : fallback,
                                     form.channel_bindings),
                  form, events);
  }

  void add_operation(const std::string& name, const std::string& title, Channel& channel, const MessageForm& form,
                     const std::vector<PossibleEvent>& events) {
    Json sent = Json::array();
    for (const PossibleEvent& event : events) {
      const std::string message = messages_.add(channel.sink, form, event);
      channel.messages[message] = reference("#/components/messages/" + message);
      channel.events.push_back(event);
      if (Json each = reference("#/channels/" + channel.name + "/messages/" + message);
          std::ranges::find(sent, each) == sent.end())
        sent.push_back(std::move(each));
    }
    operations_[name] = operation_json(title, channel, std::move(sent), form.operation_bindings);
  }

  static Json operation_json(const std::string& title, const Channel& channel, Json messages, const Json& bindings) {
    Json json = {{"action", "send"},
                 {"title", title},
                 {"channel", reference("#/channels/" + channel.name)},
                 {"messages", std::move(messages)}};
    if (!bindings.empty()) json["bindings"] = bindings;
    return json;
  }

  void add_own_topics(const std::string& name, const config::SinkConfig&) {
    const SinkDescription& description = descriptions_[name];
    for (std::size_t i = 0; i < description.own_topics.size(); ++i) {
      const auto& own = description.own_topics[i];
      Channel& channel = channels_.of_topic(name, own.topic, Json::object());
      channel.messages["status"] = {{"name", "status"},
                                    {"summary", own.text},
                                    {"contentType", "text/plain"},
                                    {"payload", {{"type", "string"}, {"enum", own.payloads}}}};
      operations_[fmt::format("own.{}.{}", name, i + 1)] =
          operation_json(own.text, channel, Json::array({reference("#/channels/" + channel.name + "/messages/status")}),
                         operation_bindings(description.bindings, own.properties));
    }
  }

  const config::Config& config_;
  const std::span<const SinkType> types_;
  const std::vector<PossibleEvent> events_;
  std::map<std::string, SinkDescription> descriptions_;     // by sink
  std::map<std::string, std::vector<PossibleEvent>> sent_;  // by sink
  Json servers_ = Json::object();
  Json servers_of_sink_ = Json::object();  // Reference Objects, by sink
  Json operations_ = Json::object();
  Channels channels_;
  Messages messages_;
};

}  // namespace

std::string document(const config::Config& config, std::span<const SinkType> types) {
  return DocumentWriter(config, types).write();
}

}  // namespace pbxbridge::asyncapi
