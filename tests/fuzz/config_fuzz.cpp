// Configuration files of any content: problems with their places or a configuration that can be used, as `check`, the
// start and SIGHUP read it.

#include "app/reload_difference.hpp"
#include "config/load.hpp"
#include "fuzz/check.hpp"
#include "pbxbridge/config/document.hpp"
#include "pbxbridge/program.hpp"
#include "route/router.hpp"

#include <algorithm>

using pbxbridge::fuzz::check;
using namespace pbxbridge;

namespace {

/// Names of devices and pipes, which reading could wait for. Reading files is not what this is about.
bool may_block(std::string_view text) {
  return text.find("/dev") != std::string_view::npos || text.find("/proc") != std::string_view::npos;
}

void check_problems(const config::Report& report, std::string_view text) {
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  for (const config::Problem& problem : report.problems()) {
    check(!problem.text.empty(), "a problem says what is wrong");
    check(problem.location.line >= 1 && problem.location.line <= lines + 1 && problem.location.column >= 1,
          "a problem has its place in the file");
  }
}

/// Checks what the rest of the program takes for granted.
void check_usable(const config::Config& config, const route::Router* router) {
  check(router != nullptr && config.document.has_value(), "routes and document are there");
  check(!config.pbx.empty() && !config.sinks.empty() && !config.routes.empty(), "there is something to do");
  for (const auto& [name, sink] : config.sinks) {
    check(sink.settings != nullptr && find_sink_type(built_in_sink_types(), sink.type) != nullptr,
          "a sink has a type and settings");
    check(!name.empty() && sink.reconnect.initial <= sink.reconnect.maximum, "a sink has a name and a back-off");
  }
  for (const auto& pbx : config.pbx) {
    check(!pbx.name.empty() && !pbx.url.value.empty() && !pbx.subscribe.empty(), "a PBX has name, URL, subscriptions");
    check(std::count_if(config.pbx.begin(), config.pbx.end(),
                        [&](const auto& other) { return other.name == pbx.name; }) == 1,
          "names of PBXs are taken once");
  }
  for (const auto& route : config.routes)
    for (const auto& to : route.to)
      check(config.sinks.contains(to.sink.value), "a route leads to a sink that is there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static config::Report none;
  static const auto running = config::parse_document(
      "pbx: [{ name: hq, url: 'ws://h/wsi', auth: { username: a, password: b }, subscribe: [{ topic: cdr_events }] }]\n"
      "sinks: { a: { type: stdout } }\nroutes: [{ match: {}, to: { sink: a } }]\n",
      none);

  const std::string_view text = fuzz::text_of(data, size);
  if (may_block(text)) return -1;
  auto loaded = config::load_config_text(text, built_in_sink_types());
  auto& config = loaded.config;
  auto& report = loaded.report;
  const auto router = route::Router::compile(config, built_in_sink_types(), report);
  check_problems(report, text);
  check(!config::format_problems(report, "f").empty() || report.problems().empty(), "problems can be written");
  if (config.document) app::reload_difference(*running, {*running, {}}, {*config.document, {}});
  if (!report.has_errors()) check_usable(config, router.get());
  return 0;
}
