#include "app/configuration.hpp"
#include "app/run.hpp"
#include "cli/commands.hpp"
#include "config/excerpt.hpp"
#include "config/load.hpp"
#include "config/secret_fields.hpp"
#include "examine/examination.hpp"
#include "pbxbridge/examination.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::cli {

namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary(const config::Config& config) {
  std::vector<std::string> pbxs;
  for (const auto& pbx : config.pbx)
    pbxs.push_back(fmt::format("{} ({})", pbx.name, counted(pbx.subscribe.size(), "subscription")));
  std::vector<std::string> sinks;
  for (const auto& [name, sink] : config.sinks) sinks.push_back(fmt::format("{} ({})", name, sink.type));
  return fmt::format("{}: {}; {}: {}; {}", counted(pbxs.size(), "PBX account"), fmt::join(pbxs, ", "),
                     counted(sinks.size(), "sink"), fmt::join(sinks, ", "), counted(config.routes.size(), "route"));
}

void write_problems(const app::Configuration& configuration, const std::string& file, std::ostream& errors) {
  if (configuration.report.problems().empty()) return;
  const config::SecretFields secrets(configuration.sink_types);
  const config::Excerpt excerpt(configuration.text, {secrets.names().begin(), secrets.names().end()});
  errors << config::format_problems(configuration.report, file, &excerpt);
}

/// Above the sum of the limits of any one subject's steps.
constexpr std::chrono::minutes examination_limit{3};

std::string_view mark_of(FindingLevel level) {
  switch (level) {
    case FindingLevel::ok:
      return "✓";
    case FindingLevel::warning:
      return "!";
    case FindingLevel::error:
      break;
  }
  return "✗";
}

std::string in_words(const Finding& finding) {
  return fmt::format("{} {}, {}: {}{}{}\n", mark_of(finding.level), finding.subject, finding.step, finding.words,
                     finding.remedy.empty() ? "" : " → ", finding.remedy);
}

std::string in_json(const Finding& finding) {
  const nlohmann::ordered_json json = {{"subject", finding.subject},
                                       {"step", finding.step},
                                       {"level", to_string(finding.level)},
                                       {"words", finding.words},
                                       {"remedy", finding.remedy}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// The exit code.
int examine(app::Configuration configuration, const CheckRequest& request, std::ostream& output) {
  const auto config = std::make_shared<const config::Config>(std::move(configuration.config));
  std::array<std::size_t, enum_count<FindingLevel>> counts{};
  examine::examine_subjects(examine::subjects_of(config, configuration.sink_types), examination_limit,
                            [&](const Finding& finding) {
                              ++counts[static_cast<std::size_t>(finding.level)];
                              output << (request.json ? in_json(finding) : in_words(finding)) << std::flush;
                            });
  const std::size_t errors = counts[static_cast<std::size_t>(FindingLevel::error)];
  if (!request.json)
    output << fmt::format("{}, {}, {} in order\n", counted(errors, "error"),
                          counted(counts[static_cast<std::size_t>(FindingLevel::warning)], "warning"),
                          counts[static_cast<std::size_t>(FindingLevel::ok)]);
  return errors == 0 ? app::exit_ok : app::exit_unavailable;
}

}  // namespace

int check_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                  const CheckRequest& request, std::ostream& output, std::ostream& errors) {
  app::Configuration configuration = app::load_configuration(configuration_file, sources);
  app::check_coverage(configuration);
  const std::string file = configuration_file.string();
  const int exit_code = configuration.report.has_errors() ? app::exit_configuration : app::exit_ok;
  if (request.json) {
    output << config::problems_in_json(configuration.report, file);
  } else {
    write_problems(configuration, file, errors);
    if (exit_code == app::exit_ok) output << file << ": valid; " << summary(configuration.config) << '\n';
  }
  if (!request.connect || exit_code != app::exit_ok || !output.flush()) return exit_code;
  return examine(std::move(configuration), request, output);
}

}  // namespace pbxbridge::cli
