// `pbxbridge tap`: the events of a running bridge, as they come.

#include "admin/control_socket.hpp"
#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/tap_line.hpp"
#include "cli/terminal.hpp"
#include "config/load.hpp"
#include "text/printable.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <span>
#include <string>
#include <unistd.h>

namespace pbxbridge::cli {

namespace {

constexpr std::string_view rejection = "error: ";

/// Shows one line after the other.
class Display {
 public:
  Display(bool json, std::ostream& output, std::ostream& errors)
      : json_(json), in_colour_(!json && shows_colour(STDOUT_FILENO)), output_(output), errors_(errors) {}

  /// False where there is no use in another one.
  bool show(std::string_view line) {
    if (line.starts_with(rejection)) {
      rejected_ = line.substr(rejection.size());
      return false;
    }
    const auto moment = nlohmann::json::parse(line, nullptr, false);
    try {
      show(moment, line);
    } catch (const nlohmann::json::exception&) {
      rejected_ = "it does not answer as this version of pbxbridge does";
      return false;
    }
    return bool(output_.flush());
  }

  /// Returns why the bridge does not show anything; empty where it does.
  const std::string& rejected() const { return rejected_; }

 private:
  void show(const nlohmann::json& moment, std::string_view line) {
    if (json_) {
      output_ << text::for_terminal(line) << '\n';
    } else if (const auto& name = moment.at("moment"); name == "listening" || name == "left_out") {
      if (const std::string notice = tap_notice(moment); !notice.empty())
        errors_ << text::for_terminal(notice) << std::endl;
    } else {
      output_ << tap_line(moment, in_colour_) << '\n';
    }
  }

  const bool json_;
  const bool in_colour_;
  std::ostream& output_;
  std::ostream& errors_;
  std::string rejected_;
};

}  // namespace

int tap_command(const std::filesystem::path& configuration_file, const tap::TapRequest& request, bool json,
                std::ostream& output, std::ostream& errors) {
  const auto socket = config::load_config(configuration_file, std::span<const SinkType>()).config.control_socket();
  if (socket.empty()) return failure(no_control_socket, app::exit_failure, errors);
  Display display(json, output, errors);
  const auto followed = admin::follow_control_socket(
      socket, to_line(request), [&display](std::string_view line) { return display.show(line); }, STDOUT_FILENO);
  if (!display.rejected().empty()) return failure(display.rejected(), app::exit_usage, errors);
  return followed ? app::exit_ok : failure(followed.error().text, app::exit_failure, errors);
}

}  // namespace pbxbridge::cli
