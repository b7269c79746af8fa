#include "app/republish_command.hpp"

#include "admin/control_socket.hpp"
#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "config/load.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ostream>
#include <span>

namespace pbxbridge::cli {

int republish_command(const std::filesystem::path& configuration_file, bool json, std::ostream& output,
                      std::ostream& errors) {
  const auto socket = config::load_config(configuration_file, std::span<const SinkType>()).config.control_socket();
  if (socket.empty()) return failure(no_control_socket, app::exit_failure, errors);
  const auto answer = admin::ask_control_socket(socket, std::string(app::republish_line));
  if (!answer) return failure(answer.error().text, app::exit_failure, errors);
  const auto documents = spool::parse_answer(*answer);
  if (!documents) return failure(documents.error().text, app::exit_failure, errors);
  if (json)
    output << nlohmann::ordered_json{{"documents", *documents}}.dump() << '\n';
  else
    output << fmt::format("{} documents of state are sent again, and what routes take of links and devices\n",
                          *documents);
  return app::exit_ok;
}

}  // namespace pbxbridge::cli
