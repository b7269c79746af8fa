#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/reference_pages.hpp"
#include "config/generated_documents.hpp"
#include "sink/sink_types.hpp"

#include <ostream>
#include <string>

namespace pbxbridge::cli {

namespace {

std::string text_of(Document document) {
  switch (document) {
    case Document::configuration:
      return config::reference_page(sink::sink_types());
    case Document::log_codes:
      return log_codes_page();
    case Document::metrics:
      return metrics_page();
    case Document::schema:
      return config::json_schema(sink::sink_types());
    case Document::starter:
      return config::starter_file(sink::sink_types());
  }
  return {};
}

}  // namespace

int reference_command(Document document, std::ostream& output) {
  output << text_of(document);
  return output.flush() ? app::exit_ok : app::exit_failure;
}

}  // namespace pbxbridge::cli
