#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/manual_page.hpp"
#include "cli/reference_pages.hpp"
#include "cli/valid_configuration.hpp"
#include "config/generated_documents.hpp"

#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::cli {

namespace {

std::string text_of(Document document, std::span<const SinkType> sink_types, const CLI::App& program) {
  switch (document) {
    case Document::configuration:
      return config::reference_page(sink_types);
    case Document::log_codes:
      return log_codes_page();
    case Document::manual:
      return manual_page(program);
    case Document::metrics:
      return metrics_page();
    case Document::schema:
      return config::json_schema(sink_types);
    case Document::starter:
      return config::starter_file(sink_types);
  }
  return {};
}

}  // namespace

int reference_command(Document document, const std::filesystem::path& configuration_file, config::SinkSources& sources,
                      const CLI::App& program, std::ostream& output, std::ostream& errors) {
  config::Report report;
  auto sink_types = sources.load({}, {}, report);
  if (!configuration_file.empty()) {
    auto configuration = load_valid_configuration(configuration_file, sources, errors);
    if (!configuration) return app::exit_configuration;
    sink_types = std::move(configuration->sink_types);
  }
  output << text_of(document, sink_types, program);
  return output.flush() ? app::exit_ok : app::exit_failure;
}

}  // namespace pbxbridge::cli
