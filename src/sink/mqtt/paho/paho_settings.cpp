#include "sink/mqtt/paho/paho_settings.hpp"

#include "sink/mqtt/paho/paho_library.hpp"
#include "text/ascii.hpp"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <set>
#include <string>

namespace pbxbridge::sink {
namespace {

/// Its trace, by which acknowledgements are verified, ends a line after 256 bytes, and has the client id between
/// spaces.
constexpr std::size_t longest_client_id = 128;
/// Its thread notices a new connection only after a second.
constexpr std::chrono::seconds shortest_connect_timeout{3};

bool repeats_a_name(const std::vector<HttpHeader>& headers) {
  std::set<std::string> names;
  return !std::ranges::all_of(
      headers, [&](const HttpHeader& header) { return names.insert(text::lower_case(header.name)).second; });
}

}  // namespace

void check_paho(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (settings.client != MqttClient::paho) return;
  const auto error = [&](std::string_view field, std::string_view text) {
    report.error(written.location(field), std::string(text) + "; client: native can");
  };
  // At the start they are removed before this.
  if (const auto variable = variable_that_paho_obeys(); !variable.empty())
    report.error(written.location("client"),
                 "client: paho would obey the environment's " + std::string(variable) +
                     ", which only a start leaves out; restart pbxbridge, or choose client: native");
  if (settings.qos == 2 && !settings.clean_start)
    report.error(written.location("qos"), std::string(paho_qos_2_needs_clean_start));
  else if (settings.qos == 2)
    report.warning(
        written.location("qos"),
        "qos: with client: paho a broker that remembers messages of QoS 2 from a session that it was to forget "
        "(NATS 2.10 and later) drops new ones; there choose client: native, or qos: 1");
  if (settings.connect_timeout < shortest_connect_timeout)
    error("connect_timeout", "connect_timeout: client: paho takes more than a second to connect, and needs 3s or more");
  if (!settings.tls.server_name.empty())
    error("tls", "tls.server_name: client: paho verifies the name in url alone, and sends no other");
  if (settings.client_id.size() > longest_client_id || settings.client_id.find(' ') != std::string::npos)
    error("client_id", "client_id: client: paho takes at most 128 bytes without spaces");
  if (repeats_a_name(settings.websocket.headers))
    error("websocket", "websocket.headers: client: paho cannot send two headers of one name");
}

}  // namespace pbxbridge::sink
