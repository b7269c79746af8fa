#include "cli/spool_options.hpp"

#include "cli/options.hpp"

#include <iostream>

namespace pbxbridge::cli {

SpoolOptions::SpoolOptions(CLI::App& app, std::filesystem::path& file, config::SinkSources& sources)
    : file_(file), sources_(sources) {
  group_ = app.add_subcommand("spool", "Look into the spool on disk, also of a running pbxbridge");
  group_->require_subcommand(1);
  group_->footer(example("spool stat --config bridge.yaml"));
  add("stat", "How much it holds, and how far each sink is", SpoolRequest::Action::stat);
  CLI::App* list = add("list", "The events that it holds, a line each", SpoolRequest::Action::list);
  list->add_flag("--gaps", request_.gaps, "The stretches in which events are missing, instead");
  add("export", "The events with their payloads, as CloudEvents in JSON, a line each",
      SpoolRequest::Action::export_events);
  add("verify", "Read everything and check each checksum; exit code 74 where something is damaged",
      SpoolRequest::Action::verify);
  add_salvage();
  add_forget();
}

int SpoolOptions::run() {
  if (salvage_->parsed()) return salvage_command(file_, sources_, salvage_request_, std::cout, std::cerr);
  if (forget_->parsed()) return forget_command(file_, sources_, forget_request_, std::cout, std::cerr);
  request_.to_terminal = writes_to_terminal();
  return spool_command(file_, sources_, request_, std::cout, std::cerr);
}

CLI::App* SpoolOptions::add(const std::string& name, const std::string& text, SpoolRequest::Action action) {
  CLI::App* command = add_command_with_configuration(*group_, name, text, file_);
  command->add_flag("--json", request_.json, "One JSON object a line");
  command->callback([this, action] { request_.action = action; });
  command->footer(example("spool " + name + " --config bridge.yaml"));
  return command;
}

void SpoolOptions::add_salvage() {
  salvage_ = add_command_with_configuration(
      *group_, "salvage",
      "Put what can be read of a damaged store's files (quarantine/...) back into the spool, which nothing may be "
      "using. An event that it lacks waits in its old place again; for a sink that has passed that place, and for "
      "which a gap was recorded there, it is redriven as a dead letter at the next start. All keep their ids. The "
      "directory stays as it is",
      file_);
  salvage_->add_option("DIR", salvage_request_.directory, "With the .sst and .log files")
      ->required()
      ->check(CLI::ExistingDirectory);
  salvage_->add_flag("--json", salvage_request_.json, "One JSON object");
  salvage_->footer(example("spool salvage --config bridge.yaml /var/lib/pbxbridge/quarantine/1"));
}

void SpoolOptions::add_forget() {
  forget_ = add_command_with_configuration(
      *group_, "forget",
      "Drop the cursor that is kept for a sink which is not in the configuration any more, and the events after it "
      "that nobody else needs; also in a running pbxbridge. Its dead letters stay",
      file_);
  forget_->add_option("SINK", forget_request_.sink, "Name of the sink")->required()->type_name("NAME");
  forget_->add_flag("--json", forget_request_.json, "One JSON object");
  forget_->footer(example("spool forget --config bridge.yaml lake"));
}

}  // namespace pbxbridge::cli
