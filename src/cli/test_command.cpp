#include "app/configuration.hpp"
#include "app/run.hpp"
#include "cli/commands.hpp"
#include "config/load.hpp"
#include "explain/case_check.hpp"
#include "explain/case_file.hpp"
#include "explain/explanation.hpp"
#include "explain/time_text.hpp"
#include "text/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>
#include <string_view>

namespace pbxbridge::cli {

namespace {

using Json = nlohmann::ordered_json;

/// One file of cases, read.
struct Cases {
  std::filesystem::path path;
  explain::CaseFile file;
};

std::string in_text(const std::string& place, const explain::Case& each,
                    const std::vector<explain::Difference>& differences) {
  std::string text = fmt::format("{} {}: {}\n", differences.empty() ? "ok  " : "FAIL", place, each.name);
  for (const auto& difference : differences)
    text += fmt::format("     {}\n       expected {}\n       got      {}\n", difference.what, difference.expected,
                        difference.got);
  return text;
}

std::string in_json(const std::filesystem::path& path, const explain::Case& each,
                    const std::vector<explain::Difference>& differences) {
  Json json = {{"file", path.string()}, {"line", each.location.line}, {"name", each.name}, {"ok", differences.empty()}};
  json["differences"] = Json::array();
  for (const auto& difference : differences)
    json["differences"].push_back(
        {{"what", difference.what}, {"expected", difference.expected}, {"got", difference.got}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

class TestRun {
 public:
  TestRun(const app::Configuration& configuration, bool json, std::ostream& output)
      : config_(configuration.config),
        router_(*configuration.router),
        sink_types_(configuration.sink_types),
        json_(json),
        output_(output) {}

  void run(const Cases& cases) {
    for (const auto& each : cases.file.cases) {
      ++cases_;
      const auto found = explain::differences(each, explanation_of(each));
      if (!found.empty()) ++failed_;
      const auto place = config::place_text(cases.path.string(), each.location);
      output_ << text::for_terminal(json_ ? in_json(cases.path, each, found) : in_text(place, each, found));
    }
  }

  int end() {
    if (!json_)
      output_ << (failed_ == 0 ? fmt::format("{} case{}, all ok\n", cases_, cases_ == 1 ? "" : "s")
                               : fmt::format("{} of {} cases failed\n", failed_, cases_));
    return failed_ == 0 ? app::exit_ok : app::exit_failure;
  }

 private:
  /// Uses an explainer of its own, so that ids do not depend on the cases before.
  explain::Explanation explanation_of(const explain::Case& each) const {
    const auto pbx = std::ranges::find(config_.pbx, each.pbx.value, &config::PbxConfig::name);
    explain::Explainer explainer(config_, router_, sink_types_);
    return explainer.explain(each.event->bytes, pbx == config_.pbx.end() ? config_.pbx.front() : *pbx,
                             *explain::time_from_text(each.received));
  }

  const config::Config& config_;
  const route::Router& router_;
  const std::vector<SinkType>& sink_types_;
  const bool json_;
  std::ostream& output_;
  std::size_t cases_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace

int test_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                 const TestRequest& request, std::ostream& output, std::ostream& errors) {
  const app::Configuration configuration = app::load_configuration(configuration_file, sources);
  bool is_sound = !configuration.report.has_errors();
  if (!is_sound) errors << config::format_problems(configuration.report, configuration_file.string());
  std::vector<std::string_view> pbx_names;
  std::vector<std::string_view> sink_names;
  if (is_sound) {
    for (const auto& pbx : configuration.config.pbx) pbx_names.emplace_back(pbx.name);
    for (const auto& [name, sink] : configuration.config.sinks) sink_names.emplace_back(name);
  }
  std::vector<Cases> all;
  for (const auto& path : request.case_files) {
    config::Report report;
    all.push_back({path, explain::load_cases(path, pbx_names, sink_names, report)});
    errors << config::format_problems(report, path.string());
    is_sound = is_sound && !report.has_errors();
  }
  if (!is_sound) return app::exit_configuration;
  TestRun run(configuration, request.json, output);
  for (const Cases& cases : all) run.run(cases);
  return run.end();
}

}  // namespace pbxbridge::cli
