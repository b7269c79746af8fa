#pragma once

#include "asyncapi/message_form.hpp"
#include "route/possible_events.hpp"
#include "route/template.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::asyncapi {

/// A topic of a sink, or a template that stands for many.
struct Channel {
  std::string name;  ///< in the document
  std::string sink;
  std::string written;                   ///< as the configuration has it
  std::optional<route::Template> topic;  ///< nothing: `written` is the topic itself
  nlohmann::ordered_json bindings;
  std::vector<route::PossibleEvent> events;                            ///< each kind once
  nlohmann::ordered_json messages = nlohmann::ordered_json::object();  ///< Reference Objects by the messages' names
};

/// The channels of a document, each once, however many routes lead there.
class Channels {
 public:
  /// Valid until the next call.
  Channel& of_template(const std::string& sink, const std::string& written, const nlohmann::ordered_json& bindings);
  Channel& of_topic(const std::string& sink, const std::string& topic, const nlohmann::ordered_json& bindings);

  /// Writes them in the document's form; `servers` are Reference Objects by sink.
  nlohmann::ordered_json to_json(const nlohmann::ordered_json& servers) const;

 private:
  Channel& find_or_add(Channel channel);

  std::vector<Channel> channels_;
};

}  // namespace pbxbridge::asyncapi
