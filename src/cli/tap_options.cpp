#include "cli/tap_options.hpp"

#include "cli/options.hpp"

#include <iostream>

namespace pbxbridge::cli {

TapOptions::TapOptions(CLI::App& app, std::filesystem::path& file) : file_(file) {
  command_ = add_command_with_configuration(
      app, "tap",
      "Watch the events of the running pbxbridge, live: each as it comes and how it ends, a sample where there are "
      "many, with numbers masked. It never slows the events. Options of different kinds must all be met; of those "
      "of the same kind, one. PATTERN: * stands for any text and ? for any one character",
      file_);
  add_pattern("--pbx", "pbx", "From this PBX");
  add_pattern("--family", "family", "Of this family: cdr, extension, queue, trunk, ...");
  add_pattern("--type", "event_type", "Of this type, such as call_start");
  add_pattern("--entity", "entity", "About this extension, queue, session or trunk");
  command_
      ->add_option_function<std::vector<std::string>>(
          "--field", [this](const std::vector<std::string>& all) { add_fields(all); },
          "With this in a field, named as in the `match` of a route")
      ->type_name("NAME=PATTERN")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        return text.find('=') == std::string::npos ? "a field is written NAME=PATTERN" : std::string();
      });
  command_->add_option("--sink", request_.sinks, "On the way to this sink")->type_name("NAME")->allow_extra_args(false);
  command_->add_option("--route", request_.routes, "By this route, counted from 1")
      ->type_name("NUMBER")
      ->allow_extra_args(false);
  command_->add_option("--rate", request_.rate, "So many events a second at the most")
      ->capture_default_str()
      ->type_name("NUMBER")
      ->check(CLI::Range(1U, tap::TapRequest::highest_rate));
  command_->add_flag("--clear", request_.clear, "With numbers, topics and keys as they are; in JSON also the payload");
  command_->add_flag("--json", json_, "One JSON object a line");
  command_->footer(example("tap --config bridge.yaml --family cdr --sink lake") +
                   "\n  pbxbridge tap --config bridge.yaml --field 'caller=+49*' --clear --json");
}

int TapOptions::run() const { return tap_command(file_, request_, json_, std::cout, std::cerr); }

void TapOptions::add_pattern(const std::string& option, const std::string& field, const std::string& text) {
  command_
      ->add_option_function<std::vector<std::string>>(
          option,
          [this, field](const std::vector<std::string>& patterns) {
            for (const std::string& pattern : patterns) request_.fields.push_back({field, pattern});
          },
          text)
      ->type_name("PATTERN")
      ->allow_extra_args(false);
}

void TapOptions::add_fields(const std::vector<std::string>& all) {
  for (const std::string& each : all) {
    const auto end = each.find('=');
    request_.fields.push_back({each.substr(0, end), each.substr(end + 1)});
  }
}

}  // namespace pbxbridge::cli
