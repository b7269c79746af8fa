#include "app/tap_streams.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace pbxbridge::app {

namespace {

constexpr std::chrono::milliseconds report_interval{100};

tap::KnownNames names_of(const config::Config& config) {
  tap::KnownNames names{.routes = config.routes.size()};
  for (const auto& pbx : config.pbx) names.pbxs.push_back(pbx.name);
  for (const auto& [name, sink] : config.sinks) names.sinks.push_back(name);
  return names;
}

}  // namespace

bool TapStreams::answer(std::string_view line, const admin::ControlSocket::Reply& reply) {
  const auto request = tap::parse_tap_request(line);
  if (!request) return false;
  if (*request)
    start(**request, reply);
  else
    reply("error: " + request->error().text);
  return true;
}

void TapStreams::start(const tap::TapRequest& request, const admin::ControlSocket::Reply& reply) {
  std::vector<std::string> warnings;
  auto filter = tap::Filter::compile(request, names_of(config_), warnings);
  if (!filter) return reply("error: " + filter.error().text);
  const auto shown = request.clear ? tap::Shown::clear : tap::Shown::masked;
  Listener listener{std::make_shared<tap::Tap>(
                        tap::Tap::Settings{.filter = std::move(*filter), .shown = shown, .rate = request.rate}),
                    reply.stream()};
  listener.stream->send(tap::listening_line(warnings, std::chrono::system_clock::now()));
  taps_.add(listener.tap);
  listeners_.push_back(std::move(listener));
  // Each that comes would put off the others otherwise.
  if (listeners_.size() == 1) timer_.after(report_interval, [this] { send(); });
}

void TapStreams::send() {
  std::erase_if(listeners_, [this](const Listener& listener) {
    if (listener.stream->is_open()) return false;
    taps_.remove(listener.tap);
    return true;
  });
  if (listeners_.empty()) return;
  for (const auto& [tap, stream] : listeners_)
    if (stream->is_ready())
      stream->send(tap->take_text(std::chrono::steady_clock::now(), std::chrono::system_clock::now()));
  timer_.after(report_interval, [this] { send(); });
}

}  // namespace pbxbridge::app
