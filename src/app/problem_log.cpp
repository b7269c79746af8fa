#include "app/problem_log.hpp"

#include "config/load.hpp"

#include <utility>

namespace pbxbridge::app {

void log_problems(observe::Log& log, const std::filesystem::path& file, config::Report report) {
  report.sort();
  for (const config::Problem& problem : report.problems()) {
    std::string text = config::place_text(file.string(), problem.location) + ": " + problem.text;
    // Each is an object of its own, for the log leaves out what comes too often.
    log.write({.code = problem.warning ? &observe::log_code::configuration_warning
                                       : &observe::log_code::configuration_rejected,
               .subject = {},
               .message = text,
               .fields = {},
               .object = text});
  }
}

}  // namespace pbxbridge::app
