#include "app/run.hpp"
#include "asyncapi/document.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/manual_page.hpp"
#include "cli/reference_pages.hpp"
#include "cli/valid_configuration.hpp"
#include "config/generated_documents.hpp"

#include <ostream>
#include <span>
#include <string>

namespace pbxbridge::cli {

namespace {

/// Text of a document that depends on no configuration, but for its sink types.
std::string text_of(Document document, std::span<const SinkType> sink_types, const CLI::App& program) {
  switch (document) {
    case Document::asyncapi:
      break;
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
  if (configuration_file.empty()) {
    if (document == Document::asyncapi)
      return failure("asyncapi describes a configuration: name it with --config", app::exit_usage, errors);
    config::Report report;
    output << text_of(document, sources.load({}, {}, report), program);
  } else {
    const auto configuration = load_valid_configuration(configuration_file, sources, errors);
    if (!configuration) return app::exit_configuration;
    output << (document == Document::asyncapi ? asyncapi::document(configuration->config, configuration->sink_types)
                                              : text_of(document, configuration->sink_types, program));
  }
  return app::exit_ok;
}

}  // namespace pbxbridge::cli
