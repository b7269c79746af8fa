#include "app/configuration.hpp"
#include "app/run.hpp"
#include "cli/commands.hpp"
#include "cli/valid_configuration.hpp"
#include "explain/event_reader.hpp"
#include "explain/explanation.hpp"
#include "explain/explanation_json.hpp"
#include "explain/explanation_text.hpp"
#include "explain/time_text.hpp"
#include "text/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <istream>
#include <optional>
#include <ostream>
#include <system_error>
#include <variant>

namespace pbxbridge::cli {

namespace {

/// Explains one event after the other, and counts what is none.
class EventExplainer {
 public:
  EventExplainer(const app::Configuration& configuration, const ExplainRequest& request, std::ostream& output,
                 std::ostream& errors)
      : explainer_(configuration.config, *configuration.router, configuration.sink_types),
        request_(request),
        name_(request.events == "-" ? "standard input" : request.events),
        output_(output),
        errors_(errors) {}

  int run(std::istream& input, const config::PbxConfig& pbx, SystemTime received_at) {
    explain::EventReader reader(input, request_.lines ? explain::InputForm::lines : explain::InputForm::json);
    while (const auto next = reader.next()) {
      if (const auto* const error = std::get_if<explain::InputError>(&*next))
        report(*error);
      else
        write(std::get<explain::InputEvent>(*next), pbx, received_at);
      if (!output_) break;  // nobody takes what would follow
    }
    if (input.bad()) return unreadable(EIO);
    if (!found_any_ && is_sound_) errors_ << fmt::format("{}: no event stands in it\n", shown_name());
    return is_sound_ && found_any_ ? app::exit_ok : app::exit_failure;
  }

  int unreadable(int error) {
    errors_ << fmt::format("{}: error: cannot be read: {}\n", shown_name(), std::generic_category().message(error));
    return app::exit_failure;
  }

 private:
  std::string shown_name() const { return text::for_terminal(name_); }

  void report(const explain::InputError& error) {
    is_sound_ = false;
    output_.flush();
    errors_ << text::for_terminal(fmt::format("{}:{}:{}: error: {}\n", name_, error.line, error.column, error.text));
  }

  void write(const explain::InputEvent& event, const config::PbxConfig& pbx, SystemTime received_at) {
    found_any_ = true;
    const auto explanation = explainer_.explain(event.payload, pbx, received_at);
    if (!request_.json) {
      output_ << explain::to_text(explanation, fmt::format("{}:{}", name_, event.line));
      return;
    }
    const auto json = explain::to_json(explanation, event.line);
    output_ << text::for_terminal(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) << '\n';
  }

  explain::Explainer explainer_;
  const ExplainRequest& request_;
  const std::string name_;
  std::ostream& output_;
  std::ostream& errors_;
  bool is_sound_ = true;
  bool found_any_ = false;
};

/// The PBX of that name, or the first; null where there is none of that name, which is reported.
const config::PbxConfig* find_pbx(const config::Config& config, const std::string& name, std::ostream& errors) {
  if (name.empty()) return &config.pbx.front();
  const auto found = std::ranges::find(config.pbx, name, &config::PbxConfig::name);
  if (found != config.pbx.end()) return &*found;
  std::vector<std::string_view> names;
  for (const auto& pbx : config.pbx) names.emplace_back(pbx.name);
  errors << fmt::format("--pbx: the configuration has no PBX \"{}\"; it has {}\n", text::for_terminal(name),
                        fmt::join(names, ", "));
  return nullptr;
}

}  // namespace

int explain_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                    const ExplainRequest& request, std::istream& standard_input, std::ostream& output,
                    std::ostream& errors) {
  const auto configuration = load_valid_configuration(configuration_file, sources, errors);
  if (!configuration) return app::exit_configuration;
  const auto* const pbx = find_pbx(configuration->config, request.pbx, errors);
  if (pbx == nullptr) return app::exit_usage;
  const std::optional<SystemTime> received_at = request.received.empty() ? SystemTime(std::chrono::system_clock::now())
                                                                         : explain::time_from_text(request.received);
  if (!received_at) {
    errors << "--received: expected a time as RFC 3339 writes it, such as 2026-05-31T08:00:00Z\n";
    return app::exit_usage;
  }
  EventExplainer explainer(*configuration, request, output, errors);
  if (request.events == "-") return explainer.run(standard_input, *pbx, *received_at);
  errno = 0;
  std::ifstream file(request.events, std::ios::binary);
  if (!file) return explainer.unreadable(errno);
  if (std::filesystem::is_directory(request.events)) return explainer.unreadable(EISDIR);
  return explainer.run(file, *pbx, *received_at);
}

}  // namespace pbxbridge::cli
