#pragma once

#include "pbxbridge/composed_message.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pbxbridge {

/// Address of a sink of some settings, for those who read from there: `pbxbridge reference asyncapi`. No secrets.
struct SinkDescription {
  /// An address of the broker, in the terms of AsyncAPI 3.0, Server Object.
  struct Server {
    std::string host;              ///< `host:port`, with brackets around an IPv6 address
    std::string protocol;          ///< AsyncAPI's name: `kafka-secure`, `mqtt`
    std::string protocol_version;  ///< empty: not known
    std::string path;              ///< empty: none
    std::string security;          ///< AsyncAPI's type of a security scheme that needs no further field; empty: none
  };
  /// A topic that the sink writes on its own, to say how it is.
  struct OwnTopic {
    std::string topic;
    std::string text;
    std::vector<std::string> payloads;                                       ///< all that it says there
    std::vector<std::pair<std::string, ComposedMessage::Value>> properties;  ///< as those of a composed message
  };

  std::string bindings;  ///< AsyncAPI's name for the protocol's bindings: `kafka`, `mqtt`
  std::vector<Server> servers;
  std::vector<OwnTopic> own_topics;
};

}  // namespace pbxbridge
