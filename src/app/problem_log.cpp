#include "app/problem_log.hpp"

#include "config/load.hpp"

#include <string>

namespace pbxbridge::app {

void log_problems(observe::Log& log, const std::filesystem::path& file, config::Report report) {
  const std::size_t more = report.keep_first(config::most_problems_shown);
  for (const config::Problem& problem : report.problems()) {
    const std::string text = config::place_text(file.string(), problem.location) + ": " + problem.text;
    // Each is an object of its own, for the log leaves out what comes too often.
    log.write({.code = problem.warning ? &observe::log_code::configuration_warning
                                       : &observe::log_code::configuration_rejected,
               .subject = {},
               .message = text,
               .fields = {},
               .object = text});
  }
  if (more == 0) return;
  log.write(report.has_errors() ? observe::log_code::configuration_rejected : observe::log_code::configuration_warning,
            "", file.string() + ": and " + std::to_string(more) + " more; `pbxbridge check --json` shows all of them");
}

}  // namespace pbxbridge::app
