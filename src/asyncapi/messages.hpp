#pragma once

#include "asyncapi/message_form.hpp"
#include "route/possible_events.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::asyncapi {

/// The messages of a document, each once: an event type in a form.
class Messages {
 public:
  /// Returns the message's name among `components.messages`.
  std::string add(const std::string& sink, const MessageForm& form, const route::PossibleEvent& event);

  /// The document's `components` as far as messages need them, with the schemas that they name.
  nlohmann::ordered_json components() const;

 private:
  std::string name_of(const std::string& sink, const MessageForm& form);

  std::vector<std::pair<std::string, MessageForm>> forms_;  // by the name that is theirs in the document
  std::set<std::string> event_types_;                       // of which a message names the schema
  nlohmann::ordered_json messages_ = nlohmann::ordered_json::object();
};

}  // namespace pbxbridge::asyncapi
