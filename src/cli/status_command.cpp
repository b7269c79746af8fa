// `pbxbridge status` and `pbxbridge health`: what a running bridge says of itself.

#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/running_bridge.hpp"
#include "text/log_text.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace pbxbridge::cli {

namespace {

constexpr std::size_t longest_sentence = 2000;

std::string shown(const nlohmann::json& text) { return text::log_text(text.get<std::string>(), longest_sentence); }

}  // namespace

int status_command(const std::filesystem::path& configuration_file, const StatusRequest& request, std::ostream& output,
                   std::ostream& errors) {
  const auto answer = RunningBridge(configuration_file, request.address).status();
  if (!answer) return failure(answer.error().text, app::exit_failure, errors);
  const auto status = nlohmann::json::parse(*answer, nullptr, false);
  if (!status.is_object() || !status.contains("verdict"))
    return failure("it does not answer as pbxbridge does", app::exit_failure, errors);
  const auto& verdict = status["verdict"];
  if (request.json) {
    output << *answer << '\n';
  } else {
    output << shown(verdict["sentence"]) << '\n';
    for (std::size_t i = 1; i < verdict["problems"].size(); ++i)
      output << shown(verdict["problems"][i]["text"]) << '\n';
  }
  return verdict["level"] == "well" ? app::exit_ok : app::exit_failure;
}

int health_command(const std::filesystem::path& configuration_file, const std::string& address, std::ostream& output,
                   std::ostream& errors) {
  const auto answer = RunningBridge(configuration_file, address).ask("/readyz");
  if (!answer) return failure(answer.error().text, app::exit_failure, errors);
  if (answer->status != 200) return failure(answer->body, app::exit_failure, errors);
  output << "it accepts events\n";
  return app::exit_ok;
}

}  // namespace pbxbridge::cli
